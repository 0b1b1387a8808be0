# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
<#
.SYNOPSIS
Writes files into a folder, which is made when it is not there. Each file is replaced in one step.
.PARAMETER Folder
Full path of the folder.
.PARAMETER Names
Names of the files.
.PARAMETER Contents
Their contents in the same order, each as Base64 of gzip.
.OUTPUTS
written (array of strings): names of the files that were written.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory = $true)][string]$Folder,
    [Parameter(Mandatory = $true)][string[]]$Names,
    [Parameter(Mandatory = $true)][string[]]$Contents
)

$ErrorActionPreference = 'Stop'

[void][IO.Directory]::CreateDirectory($Folder)
for ($index = 0; $index -lt $Names.Count; $index++) {
    $path = [IO.Path]::Combine($Folder, $Names[$index])
    $packed = New-Object -TypeName IO.MemoryStream -ArgumentList (, [Convert]::FromBase64String($Contents[$index]))
    $stream = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $packed, ([IO.Compression.CompressionMode]::Decompress)
    $file = [IO.File]::Create("$path.new")
    try {
        $stream.CopyTo($file)
    }
    finally {
        $file.Dispose()
        $stream.Dispose()
    }
    Move-Item -LiteralPath "$path.new" -Destination $path -Force
}

$answer = @{ written = @($Names) }
$Ansible.Changed = $true
$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }
