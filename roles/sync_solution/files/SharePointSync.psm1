# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
#
# Runs the synchronization cycle between Active Directory and the SharePoint profile store on the host of the
# MIM Synchronization Service. Windows PowerShell 5.1; the caller is a member of the service's operators or admins group.

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Namespace = 'root\MicrosoftIdentityIntegrationServer'
$script:EventSource = 'SharePointSync'
$script:EventFinished = 1000
$script:EventAttention = 1001
$script:EventStopped = 1002

function Get-SyncAgent {
    <#
    .SYNOPSIS
    The management agent of a name.
    .PARAMETER Name
    Name of the agent, in any letter case.
    .OUTPUTS
    The WMI object MIIS_ManagementAgent.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$Name
    )

    $agents = @(Get-WmiObject -Namespace $script:Namespace -Class MIIS_ManagementAgent)
    $found = @($agents | Where-Object { $_.Name -eq $Name })
    if ($found.Count -eq 0) {
        throw "There is no management agent '$Name'; the server has: $(($agents | ForEach-Object { $_.Name }) -join ', ')"
    }
    $found[0]
}

function Get-SyncCount {
    <#
    .SYNOPSIS
    A counter of an agent. The service answers with text, and with the text of an error where it cannot count.
    .PARAMETER Agent
    The WMI object of the agent.
    .PARAMETER Counter
    Name of the method, as in NumExportDelete.
    .OUTPUTS
    System.Int32
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)]$Agent,
        [Parameter(Mandatory = $true)][string]$Counter
    )

    $text = [string]$Agent.InvokeMethod($Counter, @())
    $number = 0
    if (-not [int]::TryParse($text, [ref]$number)) {
        throw "$($Agent.Name) does not tell $Counter but answers '$text'"
    }
    $number
}

function Get-PendingExport {
    <#
    .SYNOPSIS
    What an export of an agent would do.
    .PARAMETER Agent
    The WMI object of the agent.
    .OUTPUTS
    An object with Adds, Updates, Deletes, Connectors (counts) and DeletePercent (deletes of all connectors, rounded up).
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)]$Agent
    )

    $deletes = Get-SyncCount -Agent $Agent -Counter NumExportDelete
    $connectors = Get-SyncCount -Agent $Agent -Counter NumTotalConnectors
    $percent = 0
    if ($deletes -gt 0) {
        $percent = [int][Math]::Ceiling(100.0 * $deletes / [Math]::Max($connectors, $deletes))
    }
    [pscustomobject]@{
        Adds = Get-SyncCount -Agent $Agent -Counter NumExportAdd
        Updates = Get-SyncCount -Agent $Agent -Counter NumExportUpdate
        Deletes = $deletes
        Connectors = $connectors
        DeletePercent = $percent
    }
}

function Assert-DeleteLimit {
    <#
    .SYNOPSIS
    Throws when an export would delete more than a limit allows.
    .PARAMETER Pending
    What Get-PendingExport told.
    .PARAMETER DeleteLimit
    Deletes that are allowed.
    .PARAMETER DeletePercentLimit
    Deletes that are allowed, in percent of the agent's connectors.
    .OUTPUTS
    None
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)]$Pending,
        [Parameter(Mandatory = $true)][int]$DeleteLimit,
        [Parameter(Mandatory = $true)][int]$DeletePercentLimit
    )

    if ($Pending.Deletes -gt $DeleteLimit) {
        throw "The export would delete $($Pending.Deletes) objects; -DeleteLimit allows $DeleteLimit. Look at the pending exports, then raise the limit for one run."
    }
    if ($Pending.DeletePercent -gt $DeletePercentLimit) {
        throw "The export would delete $($Pending.Deletes) of $($Pending.Connectors) objects ($($Pending.DeletePercent) %); -DeletePercentLimit allows $DeletePercentLimit %. Look at the pending exports, then raise the limit for one run."
    }
}

function Invoke-SyncStep {
    <#
    .SYNOPSIS
    Runs one profile of one agent and waits for its end. Throws when it did not do its work.
    .PARAMETER AgentName
    Name of the agent.
    .PARAMETER ProfileName
    Name of the run profile.
    .OUTPUTS
    An object with Agent, Profile, Result (MIM's word) and Seconds.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$AgentName,
        [Parameter(Mandatory = $true)][string]$ProfileName
    )

    $agent = Get-SyncAgent -Name $AgentName
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $result = [string]$agent.InvokeMethod('Execute', @($ProfileName))
    $step = [pscustomobject]@{
        Agent = $AgentName
        Profile = $ProfileName
        Result = $result
        Seconds = [int]$watch.Elapsed.TotalSeconds
    }
    Write-Verbose -Message "$AgentName ${ProfileName}: $result after $($step.Seconds) s"
    # Only these did their work; 'completed-' with something to look at.
    if ($result -ne 'success' -and $result -notlike 'completed-*') {
        throw "$AgentName $ProfileName ended with '$result'; no later step was run"
    }
    if ($result -ne 'success') {
        Write-Warning -Message "$AgentName $ProfileName ended with '$result'"
    }
    $step
}

function Write-SyncEvent {
    <#
    .SYNOPSIS
    Writes to the Application log. A run goes on where the log cannot be written.
    .PARAMETER EventId
    Number of the event: 1000 finished, 1001 finished with something to look at, 1002 stopped.
    .PARAMETER EntryType
    Information, Warning or Error.
    .PARAMETER Message
    Text of the event.
    .OUTPUTS
    None
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][int]$EventId,
        [Parameter(Mandatory = $true)][ValidateSet('Information', 'Warning', 'Error')][string]$EntryType,
        [Parameter(Mandatory = $true)][string]$Message
    )

    try {
        # Looking for a source that is not there needs an administrator, as making it does.
        if (-not [Diagnostics.EventLog]::SourceExists($script:EventSource)) {
            # -WhatIf and -Confirm of the cycle are about the export, not about its log.
            New-EventLog -LogName Application -Source $script:EventSource -WhatIf:$false -Confirm:$false
        }
        Write-EventLog -LogName Application -Source $script:EventSource -EventId $EventId -EntryType $EntryType -Message $Message
    }
    catch {
        Write-Verbose -Message "The event log was not written: $($_.Exception.Message)"
    }
}

function Start-SharePointSync {
    <#
    .SYNOPSIS
    Runs the cycle: import and synchronize both systems, export to SharePoint, confirm the export.
    .DESCRIPTION
    Imports and synchronizations change the synchronization service's own store only. Before the export the numbers of pending adds,
    updates and deletes are shown and compared with the limits, and a confirmation is asked for. With -WhatIf the cycle ends there.
    The first step that does not do its work ends the cycle with an error. The end is written to the Application log (source SharePointSync).
    .PARAMETER Delta
    Delta imports and synchronizations in place of full ones.
    .PARAMETER DirectoryAgent
    Names of the Active Directory agents, one for each forest. All are imported before the first one is synchronized.
    .PARAMETER SharePointAgent
    Name of the SharePoint agent.
    .PARAMETER DeleteLimit
    Deletes that an export to SharePoint may make.
    .PARAMETER DeletePercentLimit
    Deletes that an export to SharePoint may make, in percent of the agent's connectors.
    .OUTPUTS
    One object a step (Agent, Profile, Result, Seconds), and before the export one with Adds, Updates, Deletes, Connectors, DeletePercent.
    .EXAMPLE
    Start-SharePointSync -Delta -Confirm:$false
    .EXAMPLE
    Start-SharePointSync -WhatIf
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    param(
        [switch]$Delta,
        [string[]]$DirectoryAgent = @('ADMA'),
        [string]$SharePointAgent = 'SPMA',
        [ValidateRange(0, 2147483647)][int]$DeleteLimit = 50,
        [ValidateRange(0, 100)][int]$DeletePercentLimit = 10
    )

    $kind = if ($Delta) { 'Delta' } else { 'Full' }
    $attention = New-Object -TypeName System.Collections.ArrayList
    try {
        $runs = @(
            foreach ($part in @('Import', 'Sync')) { foreach ($agentName in $DirectoryAgent) { @{ Agent = $agentName; Part = $part } } }
            foreach ($part in @('Import', 'Sync')) { @{ Agent = $SharePointAgent; Part = $part } }
        )
        foreach ($run in $runs) {
            $step = Invoke-SyncStep -AgentName $run.Agent -ProfileName "$kind$($run.Part)"
            if ($step.Result -ne 'success') { [void]$attention.Add("$($step.Agent) $($step.Profile): $($step.Result)") }
            $step
        }
        $pending = Get-PendingExport -Agent (Get-SyncAgent -Name $SharePointAgent)
        $pending
        Assert-DeleteLimit -Pending $pending -DeleteLimit $DeleteLimit -DeletePercentLimit $DeletePercentLimit
        $what = "Export $($pending.Adds) adds, $($pending.Updates) updates, $($pending.Deletes) deletes"
        $outcome = "Not done: $what"
        if ($PSCmdlet.ShouldProcess($SharePointAgent, $what)) {
            $outcome = $what
            foreach ($profileName in @('Export', 'DeltaImport', 'DeltaSync')) {
                $step = Invoke-SyncStep -AgentName $SharePointAgent -ProfileName $profileName
                if ($step.Result -ne 'success') { [void]$attention.Add("$($step.Agent) $($step.Profile): $($step.Result)") }
                $step
            }
        }
    }
    catch {
        Write-SyncEvent -EventId $script:EventStopped -EntryType Error -Message "The $kind cycle was stopped: $($_.Exception.Message)"
        throw
    }
    if ($attention.Count -gt 0) {
        Write-SyncEvent -EventId $script:EventAttention -EntryType Warning -Message "The $kind cycle has something to look at: $($attention -join '; ')"
    }
    else {
        Write-SyncEvent -EventId $script:EventFinished -EntryType Information -Message "The $kind cycle has finished. $outcome."
    }
}

Export-ModuleMember -Function Start-SharePointSync
