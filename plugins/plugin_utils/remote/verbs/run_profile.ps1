# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Starts a run profile, or goes on waiting for a run that was started before, and tells how it stands.
.PARAMETER Agent
Name of the management agent.
.PARAMETER RunProfile
Name of the run profile.
.PARAMETER RunNumber
Number of the run to go on waiting for; empty to start one.
.PARAMETER WaitSeconds
How long to wait for the end.
.PARAMETER Counters
Names of the WMI methods whose numbers are told once the run has ended.
.OUTPUTS
status (string): in-progress, or the result. number (string): of the run, empty when none was started. details (string): run-history document
as Base64 of gzip, empty while it runs. counts (object): name of the method to its answer, a string.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$Agent,
    [Parameter(Mandatory = $true)][string]$RunProfile,
    [string]$RunNumber = '',
    [int]$WaitSeconds = 20,
    [string[]]$Counters = @()
)

$ErrorActionPreference = 'Stop'

$namespace = 'root\MicrosoftIdentityIntegrationServer'
$found = @(Get-WmiObject -Namespace $namespace -Class MIIS_ManagementAgent | Where-Object { $_.Name -eq $Agent })
if ($found.Count -ne 1) {
    throw "There is no management agent '$Agent'."
}
$managementAgent = $found[0]

$number = $RunNumber
$started = $false
$worker = $null
$call = $null
if (-not $number) {
    # Execute blocks until the run ends. Called from another thread it may outlast this script: the run belongs to the service.
    $before = [string]$managementAgent.InvokeMethod('RunNumber', $null)
    $worker = [PowerShell]::Create()
    [void]$worker.AddScript({
        param($Namespace, $Name, $RunProfile)
        $agent = @(Get-WmiObject -Namespace $Namespace -Class MIIS_ManagementAgent | Where-Object { $_.Name -eq $Name })[0]
        $agent.Execute($RunProfile).ReturnValue
    }).AddArgument($namespace).AddArgument($Agent).AddArgument($RunProfile)
    $call = $worker.BeginInvoke()
    $started = $true
}

$deadline = (Get-Date).AddSeconds($WaitSeconds)
$status = 'in-progress'
do {
    if ($started) {
        $now = [string]$managementAgent.InvokeMethod('RunNumber', $null)
        if ($now -ne $before) { $number = $now }
    }
    if ($null -ne $call -and $call.IsCompleted) {
        $status = [string]@($worker.EndInvoke($call))[-1]
        if ($worker.HadErrors) { throw $worker.Streams.Error[0].Exception }
        break
    }
    if ($null -eq $call) {
        $status = [string]$managementAgent.InvokeMethod('RunStatus', $null)
        if ($status -ne 'in-progress') { break }
    }
    Start-Sleep -Milliseconds 250
} while ((Get-Date) -lt $deadline)

$packed = ''
$counts = @{}
if ($status -ne 'in-progress') {
    if ($number) {
        $text = [Text.Encoding]::UTF8.GetBytes([string]$managementAgent.InvokeMethod('RunDetails', $null))
        $buffer = New-Object -TypeName IO.MemoryStream
        $zip = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $buffer, ([IO.Compression.CompressionMode]::Compress)
        $zip.Write($text, 0, $text.Length)
        $zip.Dispose()
        $packed = [Convert]::ToBase64String($buffer.ToArray())
    }
    foreach ($counter in $Counters) {
        $counts[$counter] = [string]$managementAgent.InvokeMethod($counter, $null)
    }
}

$answer = @{
    status = $status
    number = $number
    details = $packed
    counts = $counts
}
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
