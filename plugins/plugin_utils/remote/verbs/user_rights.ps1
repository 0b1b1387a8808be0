# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Reads who holds which user right on this host, and the SID of one account.
.PARAMETER Account
The account whose SID is wanted, as DOMAIN\name.
.OUTPUTS
sid: string, empty when there is no such account; rights: the lines `name = holder,holder` of the section [Privilege Rights] as secedit writes them.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Account
)
$ErrorActionPreference = 'Stop'

$sid = ''
try {
    $name = New-Object -TypeName System.Security.Principal.NTAccount -ArgumentList $Account
    $sid = $name.Translate([System.Security.Principal.SecurityIdentifier]).Value
}
catch [System.Security.Principal.IdentityNotMappedException] { $sid = '' }

$file = [System.IO.Path]::GetTempFileName()
try {
    $null = & "$env:SystemRoot\System32\secedit.exe" /export /cfg $file /areas USER_RIGHTS /quiet
    if ($LASTEXITCODE -ne 0) { throw "secedit.exe ended with exit code $LASTEXITCODE" }
    $lines = @(Get-Content -LiteralPath $file | Where-Object { $_ -like 'Se*=*' })
}
finally {
    Remove-Item -LiteralPath $file -Force -WhatIf:$false
}

$answer = @{ sid = $sid; rights = $lines }
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
