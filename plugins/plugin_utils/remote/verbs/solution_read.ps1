# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Hashes of named files in a folder.
.PARAMETER Folder
Full path of the folder; it need not be there.
.PARAMETER Names
Names of files.
.OUTPUTS
folder (boolean): whether the folder is there. files (object): name to SHA-256 in lower case, for the files that are there.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$Folder,
    [Parameter(Mandatory = $true)][string[]]$Names
)

$ErrorActionPreference = 'Stop'

$files = @{}
foreach ($name in $Names) {
    $path = [IO.Path]::Combine($Folder, $name)
    if (Test-Path -LiteralPath $path -PathType Leaf) {
        $files[$name] = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLowerInvariant()
    }
}

$answer = @{
    folder = [bool](Test-Path -LiteralPath $Folder -PathType Container)
    files = $files
}
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
