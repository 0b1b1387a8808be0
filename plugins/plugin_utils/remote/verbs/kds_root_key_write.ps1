# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Adds a root key to the Group Key Distribution Service.
.PARAMETER EffectiveTime
When the key takes effect, ISO 8601 in UTC.
.OUTPUTS
id (string): the new key's GUID.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$EffectiveTime
)

$ErrorActionPreference = 'Stop'
$style = [Globalization.DateTimeStyles]'AdjustToUniversal, AssumeUniversal'
$moment = [DateTime]::Parse($EffectiveTime, [Globalization.CultureInfo]::InvariantCulture, $style)
# The cmdlet takes local time.
$id = Add-KdsRootKey -EffectiveTime $moment.ToLocalTime()

$answer = @{ id = ([guid]$id).ToString() }
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
