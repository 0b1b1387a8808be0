# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Security descriptors of directory objects, with the SIDs and GUIDs that a change of them needs.
.PARAMETER Paths
Distinguished names, or the words domain, configuration, schema for the heads of the naming contexts.
.PARAMETER Trustees
Accounts and groups, DOMAIN\name, name@domain or SID.
.PARAMETER SchemaNames
lDAPDisplayNames of classes and attributes, letters, digits and hyphens.
.PARAMETER AllRights
Whether all extended rights of the forest are wanted.
.PARAMETER Server
Domain controller or domain; empty for the domain of this computer.
.OUTPUTS
domain_sid, root_sid (strings). objects (object): path as asked to dn and sddl (owner, group and access list), both empty when there is none.
trustees (object): name as asked to sid and account, both empty when nobody has it. schema (object): name to GUID, empty when unknown.
rights (array): name, display, guid (strings) and valid_accesses (number).
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string[]]$Paths,
    [Parameter(Mandatory = $true)][string[]]$Trustees,
    [string[]]$SchemaNames = @(),
    [bool]$AllRights = $false,
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

function Find-Entry {
    param([string]$Base, [string]$Filter, [string]$Scope, [string[]]$Attributes)

    $request = New-Object -TypeName System.DirectoryServices.Protocols.SearchRequest -ArgumentList $Base, $Filter, $Scope, $Attributes
    # Owner, group and access list: the system's list needs a privilege that readers do not have.
    $part = [System.DirectoryServices.Protocols.SecurityMasks]'Owner, Group, Dacl'
    $null = $request.Controls.Add((New-Object -TypeName System.DirectoryServices.Protocols.SecurityDescriptorFlagControl -ArgumentList $part))
    return @($connection.SendRequest($request).Entries)
}

function Get-FirstValue {
    param([object]$Entry, [string]$Name, [type]$Type)

    if (-not $Entry.Attributes.Contains($Name)) {
        return $null
    }
    return , $Entry.Attributes[$Name].GetValues($Type)[0]
}

$names = 'defaultNamingContext', 'configurationNamingContext', 'schemaNamingContext', 'rootDomainNamingContext'
$root = (Find-Entry -Base '' -Filter '(objectClass=*)' -Scope 'Base' -Attributes $names)[0]
$heads = @{}
foreach ($name in $names) {
    $heads[$name] = Get-FirstValue -Entry $root -Name $name -Type ([string])
}
$words = @{
    domain = $heads['defaultNamingContext']
    configuration = $heads['configurationNamingContext']
    schema = $heads['schemaNamingContext']
}

function Get-DomainSid {
    param([string]$Dn)

    $head = (Find-Entry -Base $Dn -Filter '(objectClass=*)' -Scope 'Base' -Attributes 'objectSid')[0]
    $bytes = Get-FirstValue -Entry $head -Name 'objectSid' -Type ([byte[]])
    return (New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0).Value
}

$objects = @{}
foreach ($path in $Paths) {
    $dn = $path
    if ($words.ContainsKey($path)) {
        $dn = $words[$path]
    }
    $found = @()
    try {
        $found = Find-Entry -Base $dn -Filter '(objectClass=*)' -Scope 'Base' -Attributes 'distinguishedName', 'nTSecurityDescriptor'
    }
    catch [System.DirectoryServices.Protocols.DirectoryOperationException] {
        if ($_.Exception.GetBaseException().Response.ResultCode -notin 'NoSuchObject', 'InvalidDNSyntax') {
            throw
        }
    }
    $objects[$path] = @{ dn = ''; sddl = '' }
    foreach ($entry in $found) {
        $bytes = Get-FirstValue -Entry $entry -Name 'nTSecurityDescriptor' -Type ([byte[]])
        if ($null -eq $bytes) {
            throw "The security descriptor of $dn cannot be read: access is denied."
        }
        # The raw form keeps every entry and their order.
        $descriptor = New-Object -TypeName System.Security.AccessControl.RawSecurityDescriptor -ArgumentList $bytes, 0
        $objects[$path] = @{
            dn = Get-FirstValue -Entry $entry -Name 'distinguishedName' -Type ([string])
            sddl = $descriptor.GetSddlForm('Owner, Group, Access')
        }
    }
}

$people = @{}
foreach ($trustee in $Trustees) {
    $people[$trustee] = @{ sid = ''; account = '' }
    try {
        if ($trustee -match '^S-1-') {
            $sid = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $trustee
        }
        else {
            $account = New-Object -TypeName System.Security.Principal.NTAccount -ArgumentList $trustee
            $sid = $account.Translate([System.Security.Principal.SecurityIdentifier])
        }
        $people[$trustee] = @{ sid = $sid.Value; account = $trustee }
        $people[$trustee].account = $sid.Translate([System.Security.Principal.NTAccount]).Value
    }
    catch [System.Security.Principal.IdentityNotMappedException] {
        Write-Verbose -Message "$trustee is not mapped"
    }
}

$guids = @{}
foreach ($name in $SchemaNames) {
    $guids[$name] = ''
    $filter = "(&(lDAPDisplayName=$name)(schemaIDGUID=*))"
    foreach ($entry in (Find-Entry -Base $words['schema'] -Filter $filter -Scope 'OneLevel' -Attributes 'schemaIDGUID')) {
        $bytes = Get-FirstValue -Entry $entry -Name 'schemaIDGUID' -Type ([byte[]])
        $guids[$name] = (New-Object -TypeName Guid -ArgumentList (, $bytes)).ToString()
    }
}

$rights = @()
if ($AllRights) {
    $wanted = 'cn', 'displayName', 'rightsGuid', 'validAccesses'
    $base = "CN=Extended-Rights,$($words['configuration'])"
    $rights = @(Find-Entry -Base $base -Filter '(objectClass=controlAccessRight)' -Scope 'OneLevel' -Attributes $wanted | ForEach-Object {
            @{
                name = Get-FirstValue -Entry $_ -Name 'cn' -Type ([string])
                display = Get-FirstValue -Entry $_ -Name 'displayName' -Type ([string])
                guid = Get-FirstValue -Entry $_ -Name 'rightsGuid' -Type ([string])
                valid_accesses = [int](Get-FirstValue -Entry $_ -Name 'validAccesses' -Type ([string]))
            }
        })
}

$answer = @{
    domain_sid = Get-DomainSid -Dn $words['domain']
    root_sid = Get-DomainSid -Dn $heads['rootDomainNamingContext']
    objects = $objects
    trustees = $people
    schema = $guids
    rights = $rights
}
$Ansible.Changed = $false
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
