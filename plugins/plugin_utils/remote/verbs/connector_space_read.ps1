# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
The connector spaces of agents as csexport writes them. Changes nothing on the server; the files lie in the task's own temporary folder.
.PARAMETER Agents
Names of agents; empty for all.
.OUTPUTS
read (string): when, in seconds since 1970, UTC. running (array of strings): agents that run meanwhile. spaces (object): agent's name to base64 of gzip.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string[]]$Agents = @()
)

$ErrorActionPreference = 'Stop'

$key = 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters'
if (-not (Test-Path -LiteralPath $key)) { throw 'The MIM Synchronization Service is not installed on this host.' }
$path = (Get-ItemProperty -LiteralPath $key).Path

$answer = @{ read = [string][DateTimeOffset]::UtcNow.ToUnixTimeSeconds(); running = @(); spaces = @{} }
$found = @(Get-WmiObject -Namespace root\MicrosoftIdentityIntegrationServer -Class MIIS_ManagementAgent)
$answer.running = @($found | Where-Object { $_.InvokeMethod('RunStatus', $null) -eq 'in-progress' } | ForEach-Object { [string]$_.Name })
$names = @($found | ForEach-Object { [string]$_.Name })
if ($Agents.Count -gt 0) { $names = $Agents }

$number = 0
foreach ($name in $names) {
    $number = $number + 1
    $file = Join-Path -Path $Ansible.Tmpdir -ChildPath "space-$number.xml"
    $ErrorActionPreference = 'Continue'
    $said = & (Join-Path -Path $path -ChildPath 'Bin\csexport.exe') $name $file 2>&1
    $ErrorActionPreference = 'Stop'
    if ($LASTEXITCODE -ne 0 -or -not (Test-Path -LiteralPath $file)) {
        throw "csexport.exe ended with exit code ${LASTEXITCODE} for ${name}: $(($said | Out-String).Trim())"
    }
    $buffer = New-Object -TypeName IO.MemoryStream
    $gzip = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $buffer, ([IO.Compression.CompressionMode]::Compress)
    $source = [IO.File]::OpenRead($file)
    $source.CopyTo($gzip)
    $source.Close()
    $gzip.Close()
    $answer.spaces[$name] = [Convert]::ToBase64String($buffer.ToArray())
}

$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
