# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Puts the former rules extension, its record and its rules file back. What did not load is kept with .failed behind its name.
.PARAMETER Paths
Full paths of the assembly, its record and its rules file. Each is replaced by the file with .bak behind its name, if there is one.
.OUTPUTS
restored (array of strings): full paths of the files that were put back.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string[]]$Paths
)

$ErrorActionPreference = 'Stop'

$restored = @()
foreach ($path in $Paths) {
    if (Test-Path -LiteralPath "$path.bak" -PathType Leaf) {
        if (Test-Path -LiteralPath $path -PathType Leaf) {
            Copy-Item -LiteralPath $path -Destination "$path.failed" -Force
        }
        Copy-Item -LiteralPath "$path.bak" -Destination $path -Force
        Remove-Item -LiteralPath "$path.bak" -Force
        $restored += $path
    }
}

$answer = @{ restored = @($restored) }
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
