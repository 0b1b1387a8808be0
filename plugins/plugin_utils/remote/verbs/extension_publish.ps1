# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Compiles the rules extension and puts it in place of the old one, which is kept with .bak behind its name.
.PARAMETER Sources
Full paths of the C# files.
.PARAMETER Reference
Full path of Microsoft.MetadirectoryServicesEx.dll.
.PARAMETER Assembly
Full path of the assembly to make.
.PARAMETER Record
JSON object that tells what the assembly is made of; the assembly's own hash is added to it.
.PARAMETER Keep
Full paths of further files that are kept with .bak behind their names, where they are there.
.OUTPUTS
assembly_hash (string): SHA-256 in lower case. backup (string): full path of the assembly that was replaced, or empty.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string[]]$Sources,
    [Parameter(Mandatory = $true)][string]$Reference,
    [Parameter(Mandatory = $true)][string]$Assembly,
    [Parameter(Mandatory = $true)][string]$Record,
    [string[]]$Keep = @()
)

$ErrorActionPreference = 'Stop'

# Compiled elsewhere: the service would load what is half done.
$fresh = [IO.Path]::Combine([IO.Path]::GetTempPath(), [IO.Path]::GetRandomFileName() + '.dll')
$problems = $null
$compilation = @{
    LiteralPath = $Sources
    ReferencedAssemblies = @($Reference, 'System.Core.dll', 'System.Xml.dll')
    OutputAssembly = $fresh
    OutputType = 'Library'
    IgnoreWarnings = $true
    ErrorVariable = 'problems'
    ErrorAction = 'SilentlyContinue'
}
try {
    Add-Type @compilation
}
catch {
    $problems = @($problems) + @($_)
}
if (-not (Test-Path -LiteralPath $fresh -PathType Leaf)) {
    $lines = @($problems | ForEach-Object { ([string]$_).Trim() } | Select-Object -Unique)
    throw "The rules extension does not compile: $($lines -join ' | ')"
}

$backup = ''
if (Test-Path -LiteralPath $Assembly -PathType Leaf) {
    $backup = "$Assembly.bak"
    Copy-Item -LiteralPath $Assembly -Destination $backup -Force
}
foreach ($path in @("$Assembly.json") + $Keep) {
    if (Test-Path -LiteralPath $path -PathType Leaf) {
        Copy-Item -LiteralPath $path -Destination "$path.bak" -Force
    }
}
# A moved file would keep the rights of the temporary folder, and the service's account could not read it.
Copy-Item -LiteralPath $fresh -Destination $Assembly -Force
Remove-Item -LiteralPath $fresh -Force

$hash = (Get-FileHash -LiteralPath $Assembly -Algorithm SHA256).Hash.ToLowerInvariant()
$note = ConvertFrom-Json -InputObject $Record
Add-Member -InputObject $note -MemberType NoteProperty -Name assembly -Value $hash
[IO.File]::WriteAllText("$Assembly.json", (ConvertTo-Json -InputObject $note -Depth 20 -Compress))

$answer = @{
    assembly_hash = $hash
    backup = $backup
}
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
