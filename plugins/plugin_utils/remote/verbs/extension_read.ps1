# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
The rules extension of the MIM Synchronization Service, what it was made of, and whether an agent runs.
.PARAMETER Sources
Full paths of the C# files; may be none.
.PARAMETER AssemblyName
File name of the assembly in the service's Extensions folder.
.PARAMETER RulesName
File name of a rules file in the same folder; empty for none.
.OUTPUTS
folder (string): the service's folder, empty when it is not installed. reference, assembly (strings): full paths.
reference_version (string): file version of MIM's own assembly, empty when it is not there.
sources (object): path to SHA-256 in lower case, for the files that are there. assembly_hash (string): the same of the assembly, or empty.
record (string): text of the record beside the assembly, or empty. running (array of strings): names of agents that run.
rules_hash (string): SHA-256 of the rules file, or empty. rules (string): the file itself, base64 of gzip, or empty. loaded (boolean): whether the service's process holds the assembly.
kept (boolean): whether a former assembly or rules file lies beside the present one. results (object): agent's name to the result of its last run.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][AllowEmptyCollection()][string[]]$Sources,
    [Parameter(Mandatory = $true)][string]$AssemblyName,
    [string]$RulesName = ''
)

$ErrorActionPreference = 'Stop'

$hashes = @{}
foreach ($source in $Sources) {
    if (Test-Path -LiteralPath $source -PathType Leaf) {
        $hashes[$source] = (Get-FileHash -LiteralPath $source -Algorithm SHA256).Hash.ToLowerInvariant()
    }
}
$answer = @{
    folder = ''
    reference = ''
    reference_version = ''
    sources = $hashes
    assembly = ''
    assembly_hash = ''
    record = ''
    running = @()
    rules_hash = ''
    rules = ''
    loaded = $false
    kept = $false
    results = @{}
}

$key = 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters'
if (Test-Path -LiteralPath $key) {
    $answer.folder = (Get-ItemProperty -LiteralPath $key -Name Path).Path
    $answer.reference = [IO.Path]::Combine($answer.folder, 'Bin\Assemblies\Microsoft.MetadirectoryServicesEx.dll')
    if (Test-Path -LiteralPath $answer.reference -PathType Leaf) {
        $answer.reference_version = (Get-Item -LiteralPath $answer.reference).VersionInfo.FileVersion
    }
    $answer.assembly = [IO.Path]::Combine($answer.folder, 'Extensions', $AssemblyName)
    if (Test-Path -LiteralPath $answer.assembly -PathType Leaf) {
        $answer.assembly_hash = (Get-FileHash -LiteralPath $answer.assembly -Algorithm SHA256).Hash.ToLowerInvariant()
    }
    if (Test-Path -LiteralPath "$($answer.assembly).json" -PathType Leaf) {
        $answer.record = [IO.File]::ReadAllText("$($answer.assembly).json")
    }
    $answer.kept = Test-Path -LiteralPath "$($answer.assembly).bak" -PathType Leaf
    if ($RulesName) {
        $rules = [IO.Path]::Combine($answer.folder, 'Extensions', $RulesName)
        if (Test-Path -LiteralPath $rules -PathType Leaf) {
            $answer.rules_hash = (Get-FileHash -LiteralPath $rules -Algorithm SHA256).Hash.ToLowerInvariant()
            $content = [IO.File]::ReadAllBytes($rules)
            $memory = New-Object -TypeName IO.MemoryStream
            $packer = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $memory, ([IO.Compression.CompressionMode]::Compress)
            $packer.Write($content, 0, $content.Length)
            $packer.Dispose()
            $answer.rules = [Convert]::ToBase64String($memory.ToArray())
        }
        $answer.kept = $answer.kept -or (Test-Path -LiteralPath "$rules.bak" -PathType Leaf)
    }
    $process = Get-Process -Name miiserver -ErrorAction SilentlyContinue
    if ($process) {
        $answer.loaded = @($process.Modules | Where-Object { $_.ModuleName -eq $AssemblyName }).Count -gt 0
    }
    # The classes answer only while the service runs; a stopped service runs no agent.
    if ((Get-Service -Name FIMSynchronizationService).Status -eq 'Running') {
        $agents = @(Get-WmiObject -Namespace 'root\MicrosoftIdentityIntegrationServer' -Class MIIS_ManagementAgent)
        foreach ($agent in $agents) {
            $answer.results[$agent.Name] = $agent.RunStatus().ReturnValue
        }
        $answer.running = @($agents | Where-Object { $answer.results[$_.Name] -eq 'in-progress' } | ForEach-Object { $_.Name })
    }
}

$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
