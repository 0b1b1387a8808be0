# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Backs up the encryption key set with miiskmu.exe. While that program runs, its command line holds the account's password.
.PARAMETER Path
The file to write; one that is there is replaced when the export has succeeded.
.PARAMETER Account
The service's account as DOMAIN\name.
.PARAMETER Password
The account's password; left out for a group-managed account.
.OUTPUTS
sha256: string, the hash of the file that was written.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $Account,
    [securestring] $Password
)
$ErrorActionPreference = 'Stop'

$parameters = Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters'
$program = Join-Path -Path $parameters.Path -ChildPath 'Bin\miiskmu.exe'
$folder = [System.IO.Path]::GetDirectoryName($Path)
$null = [System.IO.Directory]::CreateDirectory($folder)
# A new name, for the program asks before it writes over a file.
$fresh = [System.IO.Path]::Combine($folder, [System.IO.Path]::GetRandomFileName())
$options = @('/e', $fresh, "/u:$Account")
if ($Password) { $options += (New-Object -TypeName System.Net.NetworkCredential -ArgumentList '', $Password).Password }
$options += '/q'
try {
    $null = & $program $options
    if ($LASTEXITCODE -ne 0) { throw "miiskmu.exe ended with exit code $LASTEXITCODE" }
    if (-not (Test-Path -LiteralPath $fresh -PathType Leaf)) { throw 'miiskmu.exe ended without an error and wrote no file' }
    Move-Item -LiteralPath $fresh -Destination $Path -Force
}
finally {
    if (Test-Path -LiteralPath $fresh) { Remove-Item -LiteralPath $fresh -Force }
}
# Whoever reads this file can read every password that the service keeps.
$access = New-Object -TypeName System.Security.AccessControl.FileSecurity
$access.SetAccessRuleProtection($true, $false)
foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') {
    $who = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $sid
    $access.AddAccessRule((New-Object -TypeName System.Security.AccessControl.FileSystemAccessRule -ArgumentList $who, 'FullControl', 'Allow'))
}
[System.IO.File]::SetAccessControl($Path, $access)
$hash = (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash.ToLowerInvariant()
$record = @{
    sha256   = $hash
    server   = [string] $parameters.Server
    instance = [string] $parameters.SQLInstance
    database = [string] $parameters.DBName
    account  = $Account
}
[System.IO.File]::WriteAllText("$Path.record.json", (ConvertTo-Json -InputObject $record -Compress))

$answer = @{ sha256 = $hash }
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
