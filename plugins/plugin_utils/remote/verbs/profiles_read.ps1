# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Reads user profiles of the farm that this server belongs to.
.PARAMETER Names
Accounts as DOMAIN\name; none for all profiles.
.PARAMETER Properties
Names of the properties to read.
.PARAMETER Limit
How many profiles to read at most when no names are given; 0 for the number alone.
.PARAMETER MemberGroups
Whether the member groups are wanted, too.
.OUTPUTS
total: int, all profiles of the farm; unknown_properties: [string]; missing: [string], names without a profile;
profiles: [{account: string, record_id: int, values: {property: [value]}}];
groups: [{name: string, source_reference: string}], for one of the directory its distinguished name.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string[]] $Names = @(),
    [string[]] $Properties = @(),
    [int] $Limit = 0,
    [bool] $MemberGroups = $false
)
$ErrorActionPreference = 'Stop'

if (Get-Module -ListAvailable -Name SharePointServer) { Import-Module -Name SharePointServer -WarningAction SilentlyContinue }
elseif (-not (Get-PSSnapin -Name Microsoft.SharePoint.PowerShell -ErrorAction SilentlyContinue)) { Add-PSSnapin -Name Microsoft.SharePoint.PowerShell }
$null = Get-SPFarm
$administration = Get-SPWebApplication -IncludeCentralAdministration | Where-Object -Property IsAdministrationWebApplication
$context = Get-SPServiceContext -Site $administration.Sites[0]
$manager = New-Object -TypeName Microsoft.Office.Server.UserProfiles.UserProfileManager -ArgumentList $context

$defined = @($manager.Properties | ForEach-Object -Process { $_.Name })
$unknown = @($Properties | Where-Object -FilterScript { $defined -notcontains $_ })
$missing = @()
$found = @()
if ($unknown.Count -eq 0) {
    if ($Names.Count -gt 0) {
        foreach ($name in $Names) {
            if ($manager.UserExists($name)) { $found += $manager.GetUserProfile($name) } else { $missing += $name }
        }
    }
    elseif ($Limit -gt 0) {
        $walk = $manager.GetEnumerator()
        while ($found.Count -lt $Limit -and $walk.MoveNext()) { $found += $walk.Current }
    }
}
$profiles = @()
foreach ($item in $found) {
    $values = @{}
    foreach ($name in $Properties) {
        $values[$name] = @($item[$name] | Where-Object -FilterScript { $null -ne $_ } | ForEach-Object -Process {
                if ($_ -is [bool] -or $_ -is [int] -or $_ -is [long]) { $_ }
                elseif ($_ -is [datetime]) { $_.ToString('o') }
                elseif ($_ -is [byte[]]) { [Convert]::ToBase64String($_) }
                else { [string] $_ }
            })
    }
    $profiles += @{ account = [string] $item['AccountName'].Value; record_id = [int] $item.RecordId; values = $values }
}

$groups = @()
if ($MemberGroups) {
    foreach ($item in $manager.GetMemberGroups()) {
        $groups += @{ name = [string] $item.DisplayName; source_reference = [string] $item.SourceReference }
    }
}

$answer = @{ total = [int] $manager.Count; unknown_properties = $unknown; missing = $missing; profiles = $profiles; groups = $groups }
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
