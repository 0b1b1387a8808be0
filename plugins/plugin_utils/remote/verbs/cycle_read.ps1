# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
The management agents with their numbers, their last runs, and when files last changed.
.PARAMETER Counters
Names of the WMI methods that give the numbers (NumExportAdd, ...).
.PARAMETER Paths
Files whose time of change is told; those that are not there are left out.
.PARAMETER RunLimit
How many runs of each agent are told, the newest first.
.OUTPUTS
agents (array): name, status, profile (strings), counts (object: name of the method to its answer, a string).
runs (array): agent, profile, status, start, end (strings, UTC). changed (array of strings): yyyy-MM-dd HH:mm:ss.fff, UTC.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string[]]$Counters,
    [string[]]$Paths = @(),
    [int]$RunLimit = 60
)

$ErrorActionPreference = 'Stop'

$namespace = 'root\MicrosoftIdentityIntegrationServer'
$agents = @(Get-WmiObject -Namespace $namespace -Class MIIS_ManagementAgent)
$history = @(Get-WmiObject -Namespace $namespace -Class MIIS_RunHistory | Sort-Object -Property RunStartTime -Descending)

$agentAnswers = @(foreach ($agent in $agents) {
    $counts = @{}
    foreach ($counter in $Counters) {
        $counts[$counter] = [string]$agent.InvokeMethod($counter, $null)
    }
    @{
        name = [string]$agent.Name
        status = [string]$agent.InvokeMethod('RunStatus', $null)
        profile = [string]$agent.InvokeMethod('RunProfile', $null)
        counts = $counts
    }
})

$runAnswers = @(foreach ($agent in $agents) {
    foreach ($run in @($history | Where-Object { $_.MaName -eq $agent.Name } | Select-Object -First $RunLimit)) {
        @{
            agent = [string]$run.MaName
            profile = [string]$run.RunProfile
            status = [string]$run.RunStatus
            start = [string]$run.RunStartTime
            end = [string]$run.RunEndTime
        }
    }
})

$changed = @(foreach ($path in $Paths) {
    if (Test-Path -LiteralPath $path) {
        (Get-Item -LiteralPath $path).LastWriteTimeUtc.ToString('yyyy-MM-dd HH:mm:ss.fff', [Globalization.CultureInfo]::InvariantCulture)
    }
})

$answer = @{
    agents = $agentAnswers
    runs = $runAnswers
    changed = $changed
}
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
