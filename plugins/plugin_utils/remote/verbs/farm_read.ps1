# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Reads what an external identity manager needs of the SharePoint farm: service applications, rights, timer job.
.PARAMETER JobType
Full type name of the timer job to look for.
.PARAMETER MySiteUrl
Web application whose user policy is read; empty for none.
.PARAMETER Accounts
Accounts as DOMAIN\name to look up.
.OUTPUTS
build: string; applications: [{name, proxy, application_pool: string, no_ilm_used, netbios_names: bool, administrators, sharing: [{name: string, levels: [string]}]}];
job: {exists, enabled: bool}; unknown_accounts: [string]; my_site: {found: bool, policies: [{name: string, levels: [string]}]}.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $JobType,
    [string] $MySiteUrl = '',
    [string[]] $Accounts = @()
)
$ErrorActionPreference = 'Stop'

if (Get-Module -ListAvailable -Name SharePointServer) { Import-Module -Name SharePointServer -WarningAction SilentlyContinue }
elseif (-not (Get-PSSnapin -Name Microsoft.SharePoint.PowerShell -ErrorAction SilentlyContinue)) { Add-PSSnapin -Name Microsoft.SharePoint.PowerShell }
$farm = Get-SPFarm

function Get-AccountName([string] $Identity) {
    if ($Identity -notlike '?:*|*') { return $Identity }
    $claim = New-SPClaimsPrincipal -Identity $Identity -IdentityType EncodedClaim
    if ($claim.Value -notlike 'S-1-*') { return $claim.Value }
    $sid = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $claim.Value
    return $sid.Translate([System.Security.Principal.NTAccount]).Value
}

function Get-Grant($Security) {
    foreach ($rule in $Security.AccessRules) {
        $levels = @($Security.NamedAccessRights | Where-Object -FilterScript { $_.Rights.IsSubsetOf($rule.AllowedObjectRights) } | ForEach-Object -Process { $_.Name })
        @{ name = (Get-AccountName -Identity $rule.Name); levels = $levels }
    }
}

$applications = @()
foreach ($item in @(Get-SPServiceApplication | Where-Object -FilterScript { $_.GetType().FullName -eq 'Microsoft.Office.Server.Administration.UserProfileApplication' })) {
    $proxy = Get-SPServiceApplicationProxy | Where-Object -FilterScript { $item.IsConnected($_) } | Select-Object -First 1
    $applications += @{
        name             = $item.Name
        proxy            = [string] $proxy.Name
        application_pool = [string] $item.ApplicationPool.Name
        no_ilm_used      = [bool] $item.NoILMUsed
        netbios_names    = [bool] $item.NetBIOSDomainNamesEnabled
        administrators   = @(Get-Grant -Security (Get-SPServiceApplicationSecurity -Identity $item -Admin))
        sharing          = @(Get-Grant -Security (Get-SPServiceApplicationSecurity -Identity $item))
    }
}
$jobs = @(Get-SPTimerJob | Where-Object -FilterScript { $_.GetType().FullName -eq $JobType })
$site = $null
if ($MySiteUrl) { $site = Get-SPWebApplication -Identity $MySiteUrl -ErrorAction SilentlyContinue }
$policies = @()
if ($site) {
    foreach ($policy in $site.Policies) {
        $policies += @{ name = (Get-AccountName -Identity $policy.UserName); levels = @($policy.PolicyRoleBindings | ForEach-Object -Process { $_.Name }) }
    }
}
$unknown = @()
foreach ($account in $Accounts) {
    $who = New-Object -TypeName System.Security.Principal.NTAccount -ArgumentList $account
    try { $null = $who.Translate([System.Security.Principal.SecurityIdentifier]) }
    catch [System.Security.Principal.IdentityNotMappedException] { $unknown += $account }
}

$answer = @{
    build            = $farm.BuildVersion.ToString()
    applications     = $applications
    job              = @{ exists = $jobs.Count -gt 0; enabled = ($jobs.Count -gt 0 -and -not $jobs[0].IsDisabled) }
    unknown_accounts = $unknown
    my_site          = @{ found = $null -ne $site; policies = $policies }
}
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
