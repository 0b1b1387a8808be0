# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Puts a rules file in place of the old one, which is kept with .bak behind its name as the assembly is, and lets the service load the extension anew.
.PARAMETER Rules
Full path of the rules file.
.PARAMETER Content
Base64 of gzip of the file.
.PARAMETER Assembly
Full path of the assembly that reads the file. Its time of change is set to now, which is how the service notices.
.OUTPUTS
rules_hash (string): SHA-256 in lower case. backup (string): full path of the file that was replaced, or empty.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$Rules,
    [Parameter(Mandatory = $true)][string]$Content,
    [Parameter(Mandatory = $true)][string]$Assembly
)

$ErrorActionPreference = 'Stop'

$backup = ''
if (Test-Path -LiteralPath $Rules -PathType Leaf) {
    $backup = "$Rules.bak"
    Copy-Item -LiteralPath $Rules -Destination $backup -Force
}
foreach ($path in @($Assembly, "$Assembly.json")) {
    if (Test-Path -LiteralPath $path -PathType Leaf) {
        Copy-Item -LiteralPath $path -Destination "$path.bak" -Force
    }
}
$packed = New-Object -TypeName IO.MemoryStream -ArgumentList (, [Convert]::FromBase64String($Content))
$stream = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $packed, ([IO.Compression.CompressionMode]::Decompress)
$file = [IO.File]::Create("$Rules.new")
try {
    $stream.CopyTo($file)
}
finally {
    $file.Dispose()
    $stream.Dispose()
}
Move-Item -LiteralPath "$Rules.new" -Destination $Rules -Force
if (Test-Path -LiteralPath $Assembly -PathType Leaf) {
    (Get-Item -LiteralPath $Assembly).LastWriteTime = Get-Date
}

$answer = @{
    rules_hash = (Get-FileHash -LiteralPath $Rules -Algorithm SHA256).Hash.ToLowerInvariant()
    backup = $backup
}
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
