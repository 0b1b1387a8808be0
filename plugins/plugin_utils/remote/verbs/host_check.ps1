# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Tells what a preflight wants to know about this host.
.PARAMETER Domain
DNS name of the domain; it is looked up as the host does.
.PARAMETER Objects
Distinguished names whose existence is looked up in the directory.
.PARAMETER Files
Paths whose existence is looked up.
.PARAMETER HashedFiles
Paths whose SHA-256 is computed.
.PARAMETER Urls
Addresses that are asked for their headers.
.PARAMETER SqlServer
SQL host to which a connection is opened as the caller; empty for none.
.PARAMETER SqlInstance
Its instance; empty for the default one.
.OUTPUTS
account: string; administrator: bool; caption, version: string; product_type: int; domain, netbios_domain, domain_problem: string;
connect_installed, native_client, net_framework_35, visual_c: bool; service_build, connector_version: string (empty where not installed);
sql_problem: string; sql_sysadmin: bool; missing_objects: list of strings; files: path -> {exists: bool, sha256: string};
url_problems: address -> string.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Domain,
    [string[]] $Objects = @(),
    [string[]] $Files = @(),
    [string[]] $HashedFiles = @(),
    [string[]] $Urls = @(),
    [string] $SqlServer = '',
    [string] $SqlInstance = ''
)
$ErrorActionPreference = 'Stop'

function Get-FileVersion([string] $Path) {
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return '' }
    $version = [System.Diagnostics.FileVersionInfo]::GetVersionInfo($Path)
    '{0}.{1}.{2}.{3}' -f $version.FileMajorPart, $version.FileMinorPart, $version.FileBuildPart, $version.FilePrivatePart
}

$identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
$principal = New-Object -TypeName System.Security.Principal.WindowsPrincipal -ArgumentList $identity
$system = Get-CimInstance -ClassName Win32_OperatingSystem
$computer = Get-CimInstance -ClassName Win32_ComputerSystem

$domainProblem = ''
try { $null = [System.Net.Dns]::GetHostAddresses($Domain) } catch { $domainProblem = $_.Exception.GetBaseException().Message }

$missingObjects = @()
foreach ($name in $Objects) {
    # A malformed name throws, and does not exist either.
    try { $exists = [System.DirectoryServices.DirectoryEntry]::Exists("LDAP://$($name.Replace('/', '\/'))") } catch { $exists = $false }
    if (-not $exists) { $missingObjects += $name }
}

$fileAnswers = @{}
foreach ($path in $Files) {
    $exists = Test-Path -LiteralPath $path -PathType Leaf -ErrorAction SilentlyContinue
    $hash = ''
    if ($exists -and $HashedFiles -contains $path) { $hash = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash }
    $fileAnswers[$path] = @{ exists = $exists; sha256 = $hash }
}

[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
$urlProblems = @{}
foreach ($url in $Urls) {
    try {
        $null = Invoke-WebRequest -Uri $url -Method Head -UseBasicParsing -UseDefaultCredentials -TimeoutSec 30
    }
    catch [System.Net.WebException] {
        # An answer that asks for a logon is an answer.
        $status = if ($_.Exception.Response) { [int] $_.Exception.Response.StatusCode } else { 0 }
        if ($status -notin 401, 403, 405) { $urlProblems[$url] = $_.Exception.Message }
    }
    catch { $urlProblems[$url] = $_.Exception.Message }
}

$sqlProblem = ''
$sqlSysadmin = $false
if ($SqlServer) {
    $builder = New-Object -TypeName System.Data.SqlClient.SqlConnectionStringBuilder
    $builder['Data Source'] = if ($SqlInstance) { "$SqlServer\$SqlInstance" } else { $SqlServer }
    $builder['Integrated Security'] = $true
    $builder['Connect Timeout'] = 15
    $connection = New-Object -TypeName System.Data.SqlClient.SqlConnection -ArgumentList $builder.ConnectionString
    try {
        $connection.Open()
        $command = $connection.CreateCommand()
        $command.CommandText = "SELECT IS_SRVROLEMEMBER('sysadmin')"
        $sqlSysadmin = [int] $command.ExecuteScalar() -eq 1
    }
    catch { $sqlProblem = $_.Exception.GetBaseException().Message }
    finally { $connection.Dispose() }
}

$serviceBuild = ''
$connectorVersion = ''
$parameters = 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters'
if (Test-Path -LiteralPath $parameters) {
    $folder = (Get-ItemProperty -LiteralPath $parameters).Path
    $serviceBuild = Get-FileVersion (Join-Path -Path $folder -ChildPath 'Bin\miiserver.exe')
    $connectorVersion = Get-FileVersion (Join-Path -Path $folder -ChildPath 'Extensions\Microsoft.IdentityManagement.Connector.Sharepoint.dll')
}

$framework = 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v3.5'
$visualC = 'HKLM:\SOFTWARE\Microsoft\VisualStudio\12.0\VC\Runtimes\x64'
$answer = @{
    account = $identity.Name
    administrator = $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
    caption = $system.Caption
    version = $system.Version
    product_type = [int] $system.ProductType
    domain = $computer.Domain
    netbios_domain = $identity.Name.Split('\')[0]
    domain_problem = $domainProblem
    connect_installed = $null -ne (Get-Service -Name ADSync -ErrorAction SilentlyContinue)
    native_client = Test-Path -LiteralPath (Join-Path -Path $env:SystemRoot -ChildPath 'System32\sqlncli11.dll')
    net_framework_35 = (Test-Path -LiteralPath $framework) -and (Get-ItemProperty -LiteralPath $framework).Install -eq 1
    visual_c = (Test-Path -LiteralPath $visualC) -and (Get-ItemProperty -LiteralPath $visualC).Installed -eq 1
    service_build = $serviceBuild
    connector_version = $connectorVersion
    sql_problem = $sqlProblem
    sql_sysadmin = $sqlSysadmin
    missing_objects = $missingObjects
    files = $fileAnswers
    url_problems = $urlProblems
}
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
