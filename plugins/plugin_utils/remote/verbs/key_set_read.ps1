# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Reads what is known of the backup of the encryption key set, never its content.
.PARAMETER Path
The file of the backup.
.PARAMETER RecordPath
The record beside it.
.OUTPUTS
installed, running: bool; server, instance, database, account: string; sha256: string, empty when there is no file; record: string, empty when there is none.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $RecordPath
)
$ErrorActionPreference = 'Stop'

$answer = @{ installed = $false; running = $false; server = ''; instance = ''; database = ''; account = ''; sha256 = ''; record = '' }
$key = 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters'
if (Test-Path -LiteralPath $key) {
    $parameters = Get-ItemProperty -LiteralPath $key
    $service = Get-CimInstance -ClassName Win32_Service -Filter "Name='FIMSynchronizationService'"
    $answer.installed = $true
    $answer.running = $service.State -eq 'Running'
    $answer.account = [string] $service.StartName
    $answer.server = [string] $parameters.Server
    $answer.instance = [string] $parameters.SQLInstance
    $answer.database = [string] $parameters.DBName
}
if (Test-Path -LiteralPath $Path -PathType Leaf) { $answer.sha256 = (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash }
if (Test-Path -LiteralPath $RecordPath -PathType Leaf) { $answer.record = [System.IO.File]::ReadAllText($RecordPath) }

$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
