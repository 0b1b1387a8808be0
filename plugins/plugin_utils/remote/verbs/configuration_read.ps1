# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
The server's configuration as svrexport writes it, its agents' states, and what the directory answers about forests and containers.
.PARAMETER Agents
Names of agents. The source folder's files are answered only when one of these agents is not there.
.PARAMETER SourceFolder
Folder with the configuration files of a solution.
.PARAMETER StateFile
Full path of the record of passwords that were set.
.PARAMETER Questions
JSON list of objects: agent, forest, account (empty for the session's own), containers (list of dn and domain, whose controllers are asked).
.PARAMETER Passwords
JSON object: agent to the password of its account.
.PARAMETER JournalFile
Full path of the journal that is there while a change is made.
.OUTPUTS
installed (boolean). service (string): state of the service, empty when it is not installed. build (string): file version of miiserver.exe.
agents (array): name, running (boolean), result (string) of the last run. files, source (objects): file name to base64 of gzip.
rules (object): the same of the rules file beside the rules extension, empty where there is none.
source_exists (boolean). state (string): content of the state file. forests (array): agent, forest, error, root, configuration,
contexts (array of dn, guid, dns, netbios), containers (array of dn, exists). journal (string): content of the journal, null where there is none.
journal_age (number): seconds since its last change. journal_open (boolean): a script has it open for writing.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string[]]$Agents = @(),
    [string]$SourceFolder = '',
    [string]$StateFile = '',
    [string]$Questions = '[]',
    [securestring]$Passwords,
    [string]$JournalFile = ''
)

$ErrorActionPreference = 'Stop'

function ConvertTo-PackedFile {
    param([string]$Folder, [string]$Filter = '*.xml')
    $packed = @{}
    foreach ($file in @(Get-ChildItem -LiteralPath $Folder -Filter $Filter -File)) {
        $content = [IO.File]::ReadAllBytes($file.FullName)
        $buffer = New-Object -TypeName IO.MemoryStream
        $gzip = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $buffer, ([IO.Compression.CompressionMode]::Compress)
        $gzip.Write($content, 0, $content.Length)
        $gzip.Close()
        $packed[$file.Name] = [Convert]::ToBase64String($buffer.ToArray())
    }
    $packed
}

function Get-Entry {
    param([string]$Path, [string]$Account, [string]$Password)
    if ($Account) {
        New-Object -TypeName DirectoryServices.DirectoryEntry -ArgumentList $Path, $Account, $Password
    }
    else {
        New-Object -TypeName DirectoryServices.DirectoryEntry -ArgumentList $Path
    }
}

function Get-Context {
    param([string]$Forest, [string]$Configuration, [string]$Account, [string]$Password)
    $partitions = Get-Entry -Path "LDAP://$Forest/CN=Partitions,$Configuration" -Account $Account -Password $Password
    foreach ($cross in $partitions.Children) {
        $name = [string]$cross.Properties['nCName'].Value
        $netbios = [string]$cross.Properties['nETBIOSName'].Value
        if ($netbios -or $name -eq $Configuration) {
            $dns = [string]$cross.Properties['dnsRoot'].Value
            $head = Get-Entry -Path "LDAP://$dns/$name" -Account $Account -Password $Password
            $head.RefreshCache(@('objectGUID'))
            $guid = New-Object -TypeName Guid -ArgumentList (, [byte[]]$head.Properties['objectGUID'].Value)
            @{ dn = $name; guid = $guid.ToString(); dns = $dns; netbios = $netbios }
        }
    }
}

function Test-Container {
    param([string]$Domain, [string]$Name, [string]$Account, [string]$Password)
    $entry = Get-Entry -Path ("LDAP://$Domain/" + $Name.Replace('/', '\/')) -Account $Account -Password $Password
    try {
        $entry.RefreshCache(@('objectGUID'))
        $true
    }
    catch {
        # ERROR_DS_NO_SUCH_OBJECT (0x80072030); whatever else is wrong is told.
        if ($_.Exception.GetBaseException().ErrorCode -ne -2147016656) { throw }
        $false
    }
}

$answer = @{
    installed = $false
    service = ''
    build = ''
    agents = @()
    files = @{}
    source = @{}
    rules = @{}
    source_exists = [bool]($SourceFolder -and (Test-Path -LiteralPath $SourceFolder -PathType Container))
    state = ''
    forests = @()
    journal = $null
    journal_age = 0
    journal_open = $false
}

# Looked at first: a change that begins after this is found by whoever wants to begin another.
if ($JournalFile -and (Test-Path -LiteralPath $JournalFile -PathType Leaf)) {
    $stream = [IO.File]::Open($JournalFile, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]'ReadWrite, Delete')
    $answer.journal = (New-Object -TypeName IO.StreamReader -ArgumentList $stream, ([Text.Encoding]::UTF8)).ReadToEnd()
    $stream.Close()
    $answer.journal_age = [int][Math]::Max(0, ([DateTime]::UtcNow - (Get-Item -LiteralPath $JournalFile).LastWriteTimeUtc).TotalSeconds)
    try {
        [IO.File]::Open($JournalFile, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]'Read, Delete').Close()
    }
    catch [IO.IOException] {
        $answer.journal_open = $true
    }
}

$key = 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters'
if (Test-Path -LiteralPath $key) {
    $path = (Get-ItemProperty -LiteralPath $key).Path
    $answer.installed = $true
    $answer.build = [string](Get-Item -LiteralPath (Join-Path -Path $path -ChildPath 'Bin\miiserver.exe')).VersionInfo.FileVersion
    $answer.service = [string](Get-Service -Name FIMSynchronizationService).Status
    $answer.rules = ConvertTo-PackedFile -Folder (Join-Path -Path $path -ChildPath 'Extensions') -Filter 'MimSync.Rules.xml'
}

if ($answer.service -eq 'Running') {
    $answer.agents = @(foreach ($agent in @(Get-WmiObject -Namespace root\MicrosoftIdentityIntegrationServer -Class MIIS_ManagementAgent)) {
        $result = [string]$agent.InvokeMethod('RunStatus', $null)
        @{ name = [string]$agent.Name; running = ($result -eq 'in-progress'); result = $result }
    })
    $folder = Join-Path -Path $Ansible.Tmpdir -ChildPath 'configuration'
    $null = New-Item -Path $folder -ItemType Directory
    $ErrorActionPreference = 'Continue'
    $said = & (Join-Path -Path $path -ChildPath 'Bin\svrexport.exe') $folder 2>&1
    $ErrorActionPreference = 'Stop'
    if ($LASTEXITCODE -ne 0 -or -not (Test-Path -LiteralPath (Join-Path -Path $folder -ChildPath 'MV.xml'))) {
        throw "svrexport.exe ended with exit code ${LASTEXITCODE}: $(($said | Out-String).Trim())"
    }
    $answer.files = ConvertTo-PackedFile -Folder $folder
}

$names = @($answer.agents | ForEach-Object { $_.name })
if ($answer.source_exists -and @($Agents | Where-Object { $names -notcontains $_ }).Count -gt 0) {
    $answer.source = ConvertTo-PackedFile -Folder $SourceFolder
}
if ($StateFile -and (Test-Path -LiteralPath $StateFile -PathType Leaf)) {
    $answer.state = [IO.File]::ReadAllText($StateFile)
}

$secrets = New-Object -TypeName PSObject
if ($Passwords) {
    $secrets = ConvertFrom-Json -InputObject (New-Object -TypeName Net.NetworkCredential -ArgumentList '', $Passwords).Password
}
$answer.forests = @(foreach ($question in (ConvertFrom-Json -InputObject $Questions)) {
    $found = @{ agent = $question.agent; forest = $question.forest; error = ''; root = ''; configuration = ''; contexts = @(); containers = @() }
    $login = @{ Account = [string]$question.account; Password = [string]$secrets.($question.agent) }
    try {
        $root = Get-Entry -Path "LDAP://$($question.forest)/RootDSE" @login
        $root.RefreshCache(@('rootDomainNamingContext', 'configurationNamingContext'))
        $found.root = [string]$root.Properties['rootDomainNamingContext'].Value
        $found.configuration = [string]$root.Properties['configurationNamingContext'].Value
        $found.contexts = @(Get-Context -Forest $question.forest -Configuration $found.configuration @login)
        $domains = @($found.contexts | ForEach-Object { $_.dns })
        $found.containers = @(foreach ($container in @($question.containers)) {
            @{ dn = $container.dn; exists = ($domains -contains $container.domain) -and (Test-Container -Domain $container.domain -Name $container.dn @login) }
        })
    }
    catch {
        $found.error = $_.Exception.GetBaseException().Message.Trim()
    }
    $found
})

$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
