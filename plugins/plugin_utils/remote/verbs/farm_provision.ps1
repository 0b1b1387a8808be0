# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Provisions a User Profile Service Application again, which makes the timer jobs that a public update brought.
.PARAMETER Name
The service application.
.PARAMETER JobType
Full type name of the timer job that should be there afterwards.
.OUTPUTS
exists: bool, whether the job is there now.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Name,
    [Parameter(Mandatory)] [string] $JobType
)
$ErrorActionPreference = 'Stop'

if (Get-Module -ListAvailable -Name SharePointServer) { Import-Module -Name SharePointServer -WarningAction SilentlyContinue }
elseif (-not (Get-PSSnapin -Name Microsoft.SharePoint.PowerShell -ErrorAction SilentlyContinue)) { Add-PSSnapin -Name Microsoft.SharePoint.PowerShell }
$null = Get-SPFarm
$application = Get-SPServiceApplication -Name $Name
if (-not $application) { throw "There is no service application '$Name'." }
$application.Provision()
$jobs = @(Get-SPTimerJob | Where-Object -FilterScript { $_.GetType().FullName -eq $JobType })

$answer = @{ exists = $jobs.Count -gt 0 }
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
