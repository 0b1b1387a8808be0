# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Writes access lists of directory objects, unless one was changed since it was read.
.PARAMETER Changes
JSON array of objects with dn, before and after: the descriptor as it was read and as it shall be, as SDDL.
.PARAMETER Server
Domain controller or domain; empty for the domain of this computer.
.OUTPUTS
written (array of strings): the distinguished names.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$Changes,
    [string]$Server = ''
)

$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.DirectoryServices
Add-Type -AssemblyName System.DirectoryServices.Protocols

if (-not $Server) {
    $Server = [System.DirectoryServices.ActiveDirectory.Domain]::GetComputerDomain().Name
}
$connection = New-Object -TypeName System.DirectoryServices.Protocols.LdapConnection -ArgumentList $Server
$connection.SessionOptions.ProtocolVersion = 3
$connection.SessionOptions.Signing = $true
$connection.SessionOptions.Sealing = $true

function Get-Sddl {
    param([string]$Dn)

    $request = New-Object -TypeName System.DirectoryServices.Protocols.SearchRequest -ArgumentList $Dn, '(objectClass=*)', 'Base', 'nTSecurityDescriptor'
    $part = [System.DirectoryServices.Protocols.SecurityMasks]'Owner, Group, Dacl'
    $null = $request.Controls.Add((New-Object -TypeName System.DirectoryServices.Protocols.SecurityDescriptorFlagControl -ArgumentList $part))
    $bytes = $connection.SendRequest($request).Entries[0].Attributes['nTSecurityDescriptor'].GetValues([byte[]])[0]
    return (New-Object -TypeName System.Security.AccessControl.RawSecurityDescriptor -ArgumentList $bytes, 0).GetSddlForm('Owner, Group, Access')
}

$wanted = @(ConvertFrom-Json -InputObject $Changes | ForEach-Object { $_ })
# All are looked at before the first is written.
foreach ($change in $wanted) {
    if ((Get-Sddl -Dn $change.dn) -cne $change.before) {
        throw "The security descriptor of $($change.dn) was changed by somebody else since it was read; run the task again."
    }
}
foreach ($change in $wanted) {
    $descriptor = New-Object -TypeName System.Security.AccessControl.RawSecurityDescriptor -ArgumentList $change.after
    $bytes = New-Object -TypeName byte[] -ArgumentList $descriptor.BinaryLength
    $descriptor.GetBinaryForm($bytes, 0)
    $modification = New-Object -TypeName System.DirectoryServices.Protocols.DirectoryAttributeModification
    $modification.Name = 'nTSecurityDescriptor'
    $modification.Operation = 'Replace'
    $null = $modification.Add([byte[]]$bytes)
    $request = New-Object -TypeName System.DirectoryServices.Protocols.ModifyRequest -ArgumentList $change.dn, $modification
    $part = [System.DirectoryServices.Protocols.SecurityMasks]'Dacl'
    $null = $request.Controls.Add((New-Object -TypeName System.DirectoryServices.Protocols.SecurityDescriptorFlagControl -ArgumentList $part))
    $null = $connection.SendRequest($request)
}

$answer = @{ written = @($wanted | ForEach-Object { $_.dn }) }
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
