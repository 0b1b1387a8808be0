# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Takes the journal of a change away, once the change is verified or taken back.
.PARAMETER JournalFile
Full path of the journal.
.PARAMETER JournalSeen
Its first line, - for one without a line. A journal that begins with another one is left alone.
.OUTPUTS
closed (boolean): the journal was there and is gone.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$JournalFile,
    [Parameter(Mandatory = $true)][string]$JournalSeen
)

$ErrorActionPreference = 'Stop'

$answer = @{ closed = $false }
if (Test-Path -LiteralPath $JournalFile -PathType Leaf) {
    $stream = New-Object -TypeName IO.FileStream -ArgumentList $JournalFile, ([IO.FileMode]::Open), ([IO.FileAccess]::ReadWrite), ([IO.FileShare]'Read, Delete')
    try {
        $first = [string](New-Object -TypeName IO.StreamReader -ArgumentList $stream, ([Text.Encoding]::UTF8)).ReadLine()
        if ($JournalSeen -ceq $(if ($first) { $first } else { '-' })) {
            Remove-Item -LiteralPath $JournalFile
            $answer.closed = $true
        }
    }
    finally {
        $stream.Close()
    }
}

$Ansible.Changed = $answer.closed
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
