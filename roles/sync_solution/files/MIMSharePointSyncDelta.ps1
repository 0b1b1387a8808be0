# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
The delta synchronization cycle, as the scheduled task runs it: without questions, within the delete limits.
.OUTPUTS
What Start-SharePointSync puts out; exit code 1 when the cycle was stopped.
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param()

$ErrorActionPreference = 'Stop'

Import-Module -Name (Join-Path -Path $PSScriptRoot -ChildPath 'SharePointSync.psm1')
Start-SharePointSync -Delta -WhatIf:$WhatIfPreference -Confirm:$false
