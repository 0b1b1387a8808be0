# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Reads which user profiles of the farm have a picture, and the sizes of the picture files on the My Site host.
.PARAMETER MySiteUrl
Address of the My Site host.
.PARAMETER Stems
Beginnings of names of files, in lower case, whose content's SHA-256 is told.
.OUTPUTS
profiles: [{account, address: string}], those with a picture; files: [{name: string, bytes: int, sha256: string, empty where it was not asked for}],
all files of the folders that the addresses lead to.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string] $MySiteUrl,
    [string[]] $Stems = @()
)
$ErrorActionPreference = 'Stop'

if (Get-Module -ListAvailable -Name SharePointServer) { Import-Module -Name SharePointServer -WarningAction SilentlyContinue }
elseif (-not (Get-PSSnapin -Name Microsoft.SharePoint.PowerShell -ErrorAction SilentlyContinue)) { Add-PSSnapin -Name Microsoft.SharePoint.PowerShell }
$null = Get-SPFarm
$site = Get-SPSite -Identity $MySiteUrl
$context = Get-SPServiceContext -Site $site
$manager = New-Object -TypeName Microsoft.Office.Server.UserProfiles.UserProfileManager -ArgumentList $context

$profiles = @()
$walk = $manager.GetEnumerator()
while ($walk.MoveNext()) {
    $address = [string] $walk.Current['PictureURL'].Value
    if ($address) { $profiles += @{ account = [string] $walk.Current['AccountName'].Value; address = $address } }
}

$files = @()
$seen = @{}
$hasher = New-Object -TypeName Security.Cryptography.SHA256Managed
try {
    $web = $site.OpenWeb()
    foreach ($item in $profiles) {
        $folderUrl = $item.address.Substring(0, $item.address.LastIndexOf('/'))
        if ($seen.ContainsKey($folderUrl)) { continue }
        $seen[$folderUrl] = $true
        $folder = $web.GetFolder($folderUrl)
        if (-not $folder.Exists) { continue }
        foreach ($file in $folder.Files) {
            $digest = ''
            $name = [string] $file.Name
            if (@($Stems | Where-Object -FilterScript { $name.ToLowerInvariant().StartsWith($_) }).Count -gt 0) {
                $digest = [BitConverter]::ToString($hasher.ComputeHash($file.OpenBinary())).Replace('-', '').ToLowerInvariant()
            }
            $files += @{ name = $name; bytes = [long] $file.Length; sha256 = $digest }
        }
    }
    $web.Dispose()
}
finally {
    $hasher.Dispose()
    $site.Dispose()
}

$answer = @{ profiles = $profiles; files = $files }
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
