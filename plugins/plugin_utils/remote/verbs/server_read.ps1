# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Reads what the Synchronization Service of this host says of itself.
.PARAMETER KeySetPath
Where the backup of the key set should lie; empty for nowhere.
.PARAMETER Counters
Names of the methods of MIIS_ManagementAgent that count objects.
.OUTPUTS
installed: bool; key_set: {path: string, exists: bool}. When it is installed also path, server, instance, database, version: string;
service: {state, start_mode, account: string}; extensions: [{name, version: string}]; groups: {role: string} and groups_error: string;
agents: [{name, guid, type: string, counters: {name: string}, last_run: {profile, number, status, started, ended: string}}] and agents_error: string.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string] $KeySetPath = '',
    [string[]] $Counters = @()
)
$ErrorActionPreference = 'Stop'

$answer = @{ installed = $false; key_set = @{ path = $KeySetPath; exists = ($KeySetPath -ne '' -and (Test-Path -LiteralPath $KeySetPath -PathType Leaf)) } }
$key = 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters'
if (Test-Path -LiteralPath $key) {
    $parameters = Get-ItemProperty -LiteralPath $key
    $folder = $parameters.Path.TrimEnd('\')
    $answer.installed = $true
    $answer.path = $folder
    $answer.server = [string] $parameters.Server
    $answer.instance = [string] $parameters.SQLInstance
    $answer.database = [string] $parameters.DBName
    $library = Get-Item -LiteralPath (Join-Path -Path $folder -ChildPath 'UIShell\Microsoft.DirectoryServices.MetadirectoryServices.Config.dll')
    $answer.version = $library.VersionInfo.FileVersion
    $service = Get-CimInstance -ClassName Win32_Service -Filter "Name='FIMSynchronizationService'"
    $answer.service = @{ state = $service.State; start_mode = $service.StartMode; account = $service.StartName }
    $files = @(Get-ChildItem -LiteralPath (Join-Path -Path $folder -ChildPath 'Extensions') -File)
    $answer.extensions = @($files | ForEach-Object -Process { @{ name = $_.Name; version = $_.VersionInfo.FileVersion } })

    $answer.groups = @{}
    $answer.groups_error = ''
    $source = $answer.server
    if ($answer.instance) { $source = $source + '\' + $answer.instance }
    $builder = New-Object -TypeName System.Data.SqlClient.SqlConnectionStringBuilder
    $builder['Data Source'] = $source
    $builder['Initial Catalog'] = $answer.database
    $builder['Integrated Security'] = $true
    $builder['Connect Timeout'] = 5
    $connection = New-Object -TypeName System.Data.SqlClient.SqlConnection -ArgumentList $builder.ConnectionString
    $columns = @{ admins = 'administrators_sid'; operators = 'operators_sid'; joiners = 'account_joiners_sid'; browse = 'browse_sid'; password_set = 'passwordset_sid' }
    try {
        $connection.Open()
        $command = $connection.CreateCommand()
        $command.CommandText = 'SELECT TOP 1 administrators_sid, operators_sid, account_joiners_sid, browse_sid, passwordset_sid FROM dbo.mms_server_configuration'
        $row = $command.ExecuteReader()
        if ($row.Read()) {
            foreach ($role in $columns.Keys) {
                $sid = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList ([byte[]] $row[$columns[$role]], 0)
                try { $answer.groups[$role] = $sid.Translate([System.Security.Principal.NTAccount]).Value }
                catch [System.Security.Principal.IdentityNotMappedException] { $answer.groups[$role] = $sid.Value }
            }
        }
    }
    catch [System.Data.SqlClient.SqlException] { $answer.groups_error = $_.Exception.Message }
    finally { $connection.Dispose() }

    $agents = @()
    $answer.agents_error = ''
    try {
        foreach ($agent in @(Get-CimInstance -Namespace 'root\MicrosoftIdentityIntegrationServer' -ClassName MIIS_ManagementAgent)) {
            $numbers = @{}
            foreach ($name in $Counters) { $numbers[$name] = (Invoke-CimMethod -InputObject $agent -MethodName $name -WhatIf:$false).ReturnValue }
            $run = @{}
            foreach ($pair in @(@('profile', 'RunProfile'), @('number', 'RunNumber'), @('status', 'RunStatus'), @('started', 'RunStartTime'), @('ended', 'RunEndTime'))) {
                $run[$pair[0]] = (Invoke-CimMethod -InputObject $agent -MethodName $pair[1] -WhatIf:$false).ReturnValue
            }
            $agents += @{ name = $agent.Name; guid = $agent.Guid; type = $agent.Type; counters = $numbers; last_run = $run }
        }
    }
    catch [Microsoft.Management.Infrastructure.CimException] { $answer.agents_error = $_.Exception.Message }
    $answer.agents = $agents
}

$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
