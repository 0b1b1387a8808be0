# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
The manifests of all backups, and the files of one of them.
.PARAMETER BackupFolder
Folder that holds one folder for each backup.
.PARAMETER Name
Name of the backup whose files are answered. Empty: none.
.OUTPUTS
backups (array): name, manifest (string) as it was written, null where there is none. files (object): file name to base64 of gzip.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$BackupFolder,
    [string]$Name = ''
)

$ErrorActionPreference = 'Stop'

$answer = @{ backups = @(); files = @{} }
if (Test-Path -LiteralPath $BackupFolder -PathType Container) {
    $answer.backups = @(foreach ($folder in @(Get-ChildItem -LiteralPath $BackupFolder -Directory)) {
        $path = Join-Path -Path $folder.FullName -ChildPath 'manifest.json'
        $manifest = $null
        if (Test-Path -LiteralPath $path -PathType Leaf) { $manifest = [IO.File]::ReadAllText($path) }
        @{ name = $folder.Name; manifest = $manifest }
    })
}
$chosen = Join-Path -Path $BackupFolder -ChildPath $Name
if ($Name -and (Test-Path -LiteralPath $chosen -PathType Container)) {
    foreach ($file in @(Get-ChildItem -LiteralPath $chosen -Filter '*.xml' -File)) {
        $content = [IO.File]::ReadAllBytes($file.FullName)
        $buffer = New-Object -TypeName IO.MemoryStream
        $gzip = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $buffer, ([IO.Compression.CompressionMode]::Compress)
        $gzip.Write($content, 0, $content.Length)
        $gzip.Close()
        $answer.files[$file.Name] = [Convert]::ToBase64String($buffer.ToArray())
    }
}

$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
