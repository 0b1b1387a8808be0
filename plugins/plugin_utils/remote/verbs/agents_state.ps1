# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Which management agents run; asks the named ones to stop.
.PARAMETER Stop
Names of agents to stop.
.OUTPUTS
running (array): names of the agents that run. refused (array): agent, and the service's answer to the wish to stop where it was not success.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string[]]$Stop = @()
)

$ErrorActionPreference = 'Stop'

$found = @(Get-WmiObject -Namespace root\MicrosoftIdentityIntegrationServer -Class MIIS_ManagementAgent)
$refused = @(foreach ($agent in @($found | Where-Object { $Stop -contains $_.Name })) {
    $said = [string]$agent.InvokeMethod('Stop', $null)
    if (@('success', 'ma-not-running') -notcontains $said) { @{ agent = [string]$agent.Name; answer = $said } }
})
$answer = @{
    running = @($found | Where-Object { [string]$_.InvokeMethod('RunStatus', $null) -eq 'in-progress' } | ForEach-Object { [string]$_.Name })
    refused = $refused
}

$Ansible.Changed = [bool]$Stop.Count
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
