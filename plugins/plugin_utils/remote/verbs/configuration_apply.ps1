# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Imports a configuration after a backup, sets credentials, and answers what the server holds then.
.PARAMETER Files
JSON object: file name to base64 of gzip, the whole configuration.
.PARAMETER Fingerprint
What the configuration was planned on: SHA-256 over the SHA-256 of each exported file from the end of its outermost start tag on. Empty: not looked at.
.PARAMETER BackupFolder
Folder that is made for the present configuration. Empty: no backup.
.PARAMETER Manifest
Text of manifest.json beside the backup.
.PARAMETER Orders
JSON list of objects: kind (ad, ecma2 or fim), agent, account (may be empty for ecma2); for ad forest, partitions, containers; for the others
parameters (object) and secrets (object: parameter to the name of its secret among the passwords); for ecma2 use (page of the parameters).
.PARAMETER Passwords
JSON object: agent to the password of its account, and the secrets that orders name.
.PARAMETER Provisioning
true or false to switch provisioning by the rules extension, empty to leave it.
.PARAMETER StateFile
Full path of the record of passwords that were set.
.PARAMETER State
New content of the state file. Empty: it is left alone.
.PARAMETER JournalFile
Full path of the journal: one line of JSON (step, at) is added for each step that was reached, below the first line. It is there while a change is made.
.PARAMETER Journal
First line of the journal.
.PARAMETER JournalSeen
First line of the journal that is taken over, - for one without a line. Empty: there must not be one.
.OUTPUTS
files (object): file name to base64 of gzip, as exported at the end. backup (string): full path of the backup's folder, or empty.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$Files,
    [string]$Fingerprint = '',
    [string]$BackupFolder = '',
    [string]$Manifest = '',
    [string]$Orders = '[]',
    [securestring]$Passwords,
    [string]$Provisioning = '',
    [string]$StateFile = '',
    [string]$State = '',
    [Parameter(Mandatory = $true)][string]$JournalFile,
    [Parameter(Mandatory = $true)][string]$Journal,
    [string]$JournalSeen = ''
)

$ErrorActionPreference = 'Stop'

$path = (Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters').Path
Import-Module -Name (Join-Path -Path $path -ChildPath 'UIShell\Microsoft.DirectoryServices.MetadirectoryServices.Config.dll')

function Export-Configuration {
    param([string]$Folder)
    $null = New-Item -Path $Folder -ItemType Directory
    $ErrorActionPreference = 'Continue'
    $said = & (Join-Path -Path $path -ChildPath 'Bin\svrexport.exe') $Folder 2>&1
    $ErrorActionPreference = 'Stop'
    if ($LASTEXITCODE -ne 0 -or -not (Test-Path -LiteralPath (Join-Path -Path $Folder -ChildPath 'MV.xml'))) {
        throw "svrexport.exe ended with exit code ${LASTEXITCODE}: $(($said | Out-String).Trim())"
    }
}

function Get-Fingerprint {
    param([string]$Folder)
    $names = [string[]]@(Get-ChildItem -LiteralPath $Folder -File | ForEach-Object { $_.Name })
    [Array]::Sort($names, [StringComparer]::OrdinalIgnoreCase)
    $hash = [Security.Cryptography.SHA256]::Create()
    $all = New-Object -TypeName IO.MemoryStream
    foreach ($name in $names) {
        $content = [IO.File]::ReadAllBytes((Join-Path -Path $Folder -ChildPath $name))
        # One character for one byte, so that the place is the same.
        $start = [Text.Encoding]::GetEncoding(28591).GetString($content).IndexOf('-data>', [StringComparison]::Ordinal)
        $start = [Math]::Max($start, 0)
        $digest = $hash.ComputeHash($content, $start, $content.Length - $start)
        $all.Write($digest, 0, $digest.Length)
    }
    [BitConverter]::ToString($hash.ComputeHash($all.ToArray())).Replace('-', '').ToLowerInvariant()
}

function ConvertTo-PackedFile {
    param([string]$Folder)
    $packed = @{}
    foreach ($file in @(Get-ChildItem -LiteralPath $Folder -File)) {
        $content = [IO.File]::ReadAllBytes($file.FullName)
        $buffer = New-Object -TypeName IO.MemoryStream
        $gzip = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $buffer, ([IO.Compression.CompressionMode]::Compress)
        $gzip.Write($content, 0, $content.Length)
        $gzip.Close()
        $packed[$file.Name] = [Convert]::ToBase64String($buffer.ToArray())
    }
    $packed
}

function Add-Line {
    param([string]$Line)
    $bytes = [Text.Encoding]::UTF8.GetBytes($Line + "`n")
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush($true)
}

function Add-Step {
    param([string]$Step)
    Add-Line -Line (ConvertTo-Json -InputObject @{ step = $Step; at = [DateTime]::UtcNow.ToString('s') + 'Z' } -Compress)
}

$stream = $null
$touched = $false
$mine = $false
try {
    # Others may read the journal while this script has it open, and see by it that it works; nobody else may write.
    $null = New-Item -Path (Split-Path -Path $JournalFile -Parent) -ItemType Directory -Force
    $mode = if ($JournalSeen) { [IO.FileMode]::Open } else { [IO.FileMode]::CreateNew }
    try {
        $stream = New-Object -TypeName IO.FileStream -ArgumentList $JournalFile, $mode, ([IO.FileAccess]::ReadWrite), ([IO.FileShare]'Read, Delete')
    }
    catch [IO.IOException] {
        if (-not (Test-Path -LiteralPath $JournalFile)) { throw }
        throw 'Another run has begun to change the configuration'
    }
    $reader = New-Object -TypeName IO.StreamReader -ArgumentList $stream, ([Text.Encoding]::UTF8)
    $first = [string]$reader.ReadLine()
    if ($JournalSeen -and $JournalSeen -cne $(if ($first) { $first } else { '-' })) {
        throw 'Another run has taken over the change of the configuration'
    }
    $mine = $true
    if ($first -cne $Journal) {
        $stream.SetLength(0)
        $null = $stream.Seek(0, [IO.SeekOrigin]::Begin)
        Add-Line -Line $Journal
    }
    $null = $stream.Seek(0, [IO.SeekOrigin]::End)

    $running = @(Get-WmiObject -Namespace root\MicrosoftIdentityIntegrationServer -Class MIIS_ManagementAgent |
            Where-Object { [string]$_.InvokeMethod('RunStatus', $null) -eq 'in-progress' } | ForEach-Object { [string]$_.Name })
    if ($running.Count -gt 0) {
        throw "The management agent $($running -join ', ') is running"
    }

    $present = Join-Path -Path $Ansible.Tmpdir -ChildPath 'present'
    Export-Configuration -Folder $present
    if ($Fingerprint -and (Get-Fingerprint -Folder $present) -ne $Fingerprint) {
        throw 'The configuration has changed since it was read'
    }
    if ($BackupFolder) {
        $null = New-Item -Path $BackupFolder -ItemType Directory
        foreach ($file in @(Get-ChildItem -LiteralPath $present -File)) {
            Copy-Item -LiteralPath $file.FullName -Destination $BackupFolder
        }
        # Written last: a backup without it is not complete.
        [IO.File]::WriteAllText((Join-Path -Path $BackupFolder -ChildPath 'manifest.json'), $Manifest)
        Add-Step -Step 'backed up'
    }

    $planned = Join-Path -Path $Ansible.Tmpdir -ChildPath 'planned'
    $null = New-Item -Path $planned -ItemType Directory
    foreach ($file in (ConvertFrom-Json -InputObject $Files).PSObject.Properties) {
        $buffer = New-Object -TypeName IO.MemoryStream -ArgumentList (, [Convert]::FromBase64String($file.Value))
        $gzip = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $buffer, ([IO.Compression.CompressionMode]::Decompress)
        $target = [IO.File]::Create((Join-Path -Path $planned -ChildPath $file.Name))
        $gzip.CopyTo($target)
        $target.Close()
    }
    Add-Step -Step 'importing'
    $touched = $true
    Import-MIISServerConfig -Path $planned -Confirm:$false
    Add-Step -Step 'imported'

    $secrets = New-Object -TypeName PSObject
    if ($Passwords) {
        $secrets = ConvertFrom-Json -InputObject (New-Object -TypeName Net.NetworkCredential -ArgumentList '', $Passwords).Password
    }
    $list = @(foreach ($order in (ConvertFrom-Json -InputObject $Orders)) { $order })
    foreach ($order in @($list | Where-Object { $_.kind -eq 'ad' })) {
        $password = ConvertTo-SecureString -String $secrets.($order.agent) -AsPlainText -Force
        $credential = New-Object -TypeName PSCredential -ArgumentList $order.account, $password
        Set-MIISADMAConfiguration -MAName $order.agent -Forest $order.forest -Credentials $credential -Container $order.containers -Partitions $order.partitions -Confirm:$false
        Add-Step -Step "credentials of $($order.agent)"
        # The cmdlet has touched partitions and containers: they become again what was planned. The password stays.
        Import-MIISServerConfig -Path $planned -Confirm:$false
        Add-Step -Step "imported after $($order.agent)"
    }
    foreach ($order in @($list | Where-Object { $_.kind -eq 'ecma2' })) {
        $parameters = @{}
        foreach ($parameter in $order.parameters.PSObject.Properties) {
            $parameters[$parameter.Name] = $parameter.Value
        }
        if ($order.account) {
            $password = ConvertTo-SecureString -String $secrets.($order.agent) -AsPlainText -Force
            $parameters['Credentials'] = New-Object -TypeName PSCredential -ArgumentList $order.account, $password
        }
        foreach ($secret in $order.secrets.PSObject.Properties) {
            $parameters[$secret.Name] = $secrets.($secret.Value)
        }
        try {
            Set-MIISECMA2Configuration -MAName $order.agent -ParameterUse $order.use -Confirm:$false @parameters
        }
        catch [Management.Automation.ParameterBindingException] {
            # Whether the cmdlet takes a secret as text or as a SecureString is up to the connector; a text never passes for the other.
            foreach ($secret in $order.secrets.PSObject.Properties) {
                $parameters[$secret.Name] = ConvertTo-SecureString -String $secrets.($secret.Value) -AsPlainText -Force
            }
            Set-MIISECMA2Configuration -MAName $order.agent -ParameterUse $order.use -Confirm:$false @parameters
        }
        Add-Step -Step "credentials of $($order.agent)"
    }
    foreach ($order in @($list | Where-Object { $_.kind -eq 'fim' })) {
        $parameters = @{}
        foreach ($parameter in $order.parameters.PSObject.Properties) {
            $parameters[$parameter.Name] = $parameter.Value
        }
        $password = ConvertTo-SecureString -String $secrets.($order.secrets.password) -AsPlainText -Force
        $credential = New-Object -TypeName PSCredential -ArgumentList $order.account, $password
        Set-MIISFIMMAConfiguration -MAName $order.agent -Credentials $credential -Confirm:$false @parameters
        Add-Step -Step "credentials of $($order.agent)"
    }
    if ($Provisioning) {
        Set-ProvisioningRulesExtension -Value $Provisioning
        Add-Step -Step 'provisioning'
    }
    if ($State) {
        $null = New-Item -Path (Split-Path -Path $StateFile -Parent) -ItemType Directory -Force
        [IO.File]::WriteAllText($StateFile, $State)
        Add-Step -Step 'recorded'
    }

    $exported = Join-Path -Path $Ansible.Tmpdir -ChildPath 'exported'
    Export-Configuration -Folder $exported
    Add-Step -Step 'exported'
}
catch {
    if ($touched) { throw }
    if ($mine) { Remove-Item -LiteralPath $JournalFile }
    throw "$($_.Exception.GetBaseException().Message.TrimEnd('.')); nothing was changed."
}
finally {
    if ($stream) { $stream.Close() }
}

$answer = @{
    files = (ConvertTo-PackedFile -Folder $exported)
    backup = $BackupFolder
}
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
