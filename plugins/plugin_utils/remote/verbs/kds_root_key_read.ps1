# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
The root keys of the Group Key Distribution Service.
.OUTPUTS
now (string): this computer's time. keys (array): id, effective, created (strings). Times are ISO 8601 in UTC.
#>
[CmdletBinding(SupportsShouldProcess)]
param()

$ErrorActionPreference = 'Stop'
$keys = @(Get-KdsRootKey | ForEach-Object {
        @{
            id = $_.KeyId.ToString()
            effective = $_.EffectiveTime.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
            created = $_.CreationTime.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
        }
    })

$answer = @{
    now = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    keys = $keys
}
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
