// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Rules extension of the built-in solution, for Active Directory (agent ADMA) and the SharePoint profile store (agent SPMA).
// Compiled with DistinguishedNames.cs on the synchronization host by Windows PowerShell 5.1 (C# 5) to SharePointSynchronization.dll.
// The engine passes the script context of a flow as its rule name; the names are those that the configuration files hold.

using System;
using System.Collections.Generic;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint
{
    /// <summary>Rules of the management agents: projection, import flows, export flows.</summary>
    public sealed class AgentRules : IMASynchronization
    {
        private const string DomainSidToString = "DomainSIDToString";
        private const string ReferenceToString = "ConvertToString:nCName,nCName";
        private const string SipAddressOfProxies = "ProxyAddressesToSipAddress:proxyAddresses,SPS-SipAddress";
        private const string AccountWithDomain = "GetDomain:distinguishedName,domain";
        private const string NameToShow = "GetDisplayName:displayName,PreferredName";

        // Lives as long as the service keeps the extension loaded.
        private readonly DomainNames domains = new DomainNames();

        public void Initialize()
        {
        }

        public void Terminate()
        {
        }

        public bool ShouldProjectToMV(CSEntry csentry, out string MVObjectType)
        {
            switch (csentry.ObjectType)
            {
                case "user":
                    MVObjectType = IsLinkedAccount(csentry) ? "contact" : "Person";
                    return true;
                case "group":
                    MVObjectType = "group";
                    return !HidesMembership(csentry);
                case "contact":
                    MVObjectType = "contact";
                    return StandsForAnother(csentry);
                default:
                    throw new UnexpectedDataException("Unsupported object type - " + csentry.ObjectType);
            }
        }

        public void MapAttributesForImport(string FlowRuleName, CSEntry csentry, MVEntry mventry)
        {
            switch (FlowRuleName)
            {
                case DomainSidToString:
                    Guarded("DomainSIDToString", () => ImportDomainSid(csentry, mventry));
                    break;
                case ReferenceToString:
                    mventry["nCName"].Value = csentry["nCName"].Value;
                    break;
                case SipAddressOfProxies:
                    Guarded("ProxyAddressesToSipAddress", () => ImportSipAddress(csentry, mventry));
                    break;
            }
        }

        public void MapAttributesForExport(string FlowRuleName, MVEntry mventry, CSEntry csentry)
        {
            switch (FlowRuleName)
            {
                case AccountWithDomain:
                    Guarded("Set-SPS-ProfileIdentifier-Out", () => ExportProfileIdentifier(mventry, csentry));
                    break;
                case NameToShow:
                    ExportPreferredName(mventry, csentry);
                    break;
            }
        }

        public bool FilterForDisconnection(CSEntry csentry)
        {
            throw new EntryPointNotImplementedException();
        }

        public void MapAttributesForJoin(string FlowRuleName, CSEntry csentry, ref ValueCollection values)
        {
            throw new EntryPointNotImplementedException();
        }

        public bool ResolveJoinSearch(string joinCriteriaName, CSEntry csentry, MVEntry[] rgmventry, out int imventry, ref string MVObjectType)
        {
            throw new EntryPointNotImplementedException();
        }

        public DeprovisionAction Deprovision(CSEntry csentry)
        {
            throw new EntryPointNotImplementedException();
        }

        // A user that represents an account of another forest names that account; one that names itself does not.
        private static bool IsLinkedAccount(CSEntry csentry)
        {
            Attrib origin = csentry["msDS-SourceObjectDN"];
            if (!origin.IsPresent || string.IsNullOrEmpty(origin.Value))
            {
                return false;
            }
            return !string.Equals(origin.Value, csentry.DN.ToString(), StringComparison.Ordinal);
        }

        // Unlike a user's, a contact's name is compared without regard to case.
        private static bool StandsForAnother(CSEntry csentry)
        {
            string origin = csentry["msDS-SourceObjectDN"].Value;
            return !string.IsNullOrEmpty(origin) && !string.Equals(origin, csentry.DN.ToString(), StringComparison.OrdinalIgnoreCase);
        }

        private static bool HidesMembership(CSEntry csentry)
        {
            Attrib hidden = csentry["hideDLMembership"];
            return hidden.IsPresent && hidden.BooleanValue;
        }

        private static void ImportDomainSid(CSEntry csentry, MVEntry mventry)
        {
            Attrib sid = csentry["objectSid"];
            if (sid.IsPresent)
            {
                mventry["stringSID"].Value = Utils.ConvertSidToString(sid.BinaryValue);
            }
        }

        private static void ImportSipAddress(CSEntry csentry, MVEntry mventry)
        {
            const string prefix = "sip:";
            Attrib proxies = csentry["proxyAddresses"];
            if (!proxies.IsPresent)
            {
                return;
            }
            foreach (string address in TextsOf(proxies))
            {
                if (address.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    mventry["SPS-SipAddress"].Value = address.Substring(prefix.Length);
                    return;
                }
            }
        }

        private static IEnumerable<string> TextsOf(Attrib attribute)
        {
            return attribute.IsMultivalued ? attribute.Values.ToStringArray() : new[] { attribute.Value };
        }

        private void ExportProfileIdentifier(MVEntry mventry, CSEntry csentry)
        {
            string domain = domains.Of(mventry["distinguishedName"].Value);
            if (!string.IsNullOrEmpty(domain))
            {
                csentry["ProfileIdentifier"].Value = domain + "\\" + mventry["accountName"].Value;
            }
        }

        // A failure leaves the attribute to the next flow instead of marking the object.
        private static void ExportPreferredName(MVEntry mventry, CSEntry csentry)
        {
            try
            {
                string name = GivenDisplayName(mventry);
                if (name.Length == 0)
                {
                    name = DistinguishedName.FirstValue(mventry["distinguishedName"].Value);
                }
                Attrib target = csentry["PreferredName"];
                if (!string.IsNullOrEmpty(name))
                {
                    target.Value = name;
                }
                else if (target.IsPresent)
                {
                    target.Values.Clear();
                }
            }
            catch (Exception)
            {
                throw new DeclineMappingException();
            }
        }

        private static string GivenDisplayName(MVEntry mventry)
        {
            Attrib given = mventry["displayName"];
            return given.IsPresent ? given.Value.Trim() : string.Empty;
        }

        private static void Guarded(string rule, Action work)
        {
            try
            {
                work();
            }
            catch (Exception problem)
            {
                throw new UnexpectedDataException("Error while processing " + rule + " rule extension: " + problem, problem);
            }
        }
    }

    /// <summary>Rules of the metaverse: a connector in the SharePoint agent for each person, group and contact.</summary>
    public sealed class ProvisioningRules : IMVSynchronization
    {
        private const string StoreAgent = "SPMA";

        // What a new profile is given at once; the export flows complete and correct it in the same synchronization.
        private static readonly Dictionary<string, string> FirstValues = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            { "accountName", "AccountName" },
            { "department", "Department" },
            { "displayName", "UserName" },
            { "mail", "WorkEmail" },
            { "objectSid", "SID" },
            { "lastName", "LastName" },
            { "firstName", "FirstName" },
            { "telephoneNumber", "WorkPhone" },
        };

        public void Initialize()
        {
        }

        public void Terminate()
        {
        }

        public void Provision(MVEntry mventry)
        {
            ConnectedMA store = mventry.ConnectedMAs[StoreAgent];
            if (store.Connectors.Count != 0)
            {
                return;
            }
            if (IsOfType(mventry, "person"))
            {
                ProvisionPerson(mventry, store);
            }
            else if (IsOfType(mventry, "group"))
            {
                ProvisionByAnchor(mventry["accountName"], store, "group");
            }
            else if (IsOfType(mventry, "contact"))
            {
                ProvisionByAnchor(mventry["sAMAccountName"], store, "contact");
            }
        }

        public bool ShouldDeleteFromMV(CSEntry csentry, MVEntry mventry)
        {
            throw new EntryPointNotImplementedException();
        }

        private static bool IsOfType(MVEntry mventry, string type)
        {
            return string.Equals(mventry.ObjectType, type, StringComparison.OrdinalIgnoreCase);
        }

        private static void ProvisionPerson(MVEntry mventry, ConnectedMA store)
        {
            if (!mventry["accountName"].IsPresent)
            {
                return;
            }
            CSEntry profile = store.Connectors.StartNewConnector("user");
            foreach (string name in mventry)
            {
                string target;
                if (FirstValues.TryGetValue(name, out target))
                {
                    profile[target].Value = mventry[name].Value;
                }
            }
            profile["Anchor"].Value = mventry["accountName"].Value;
            profile.CommitNewConnector();
        }

        // Another object may hold the anchor already: it keeps it, and this one waits.
        private static void ProvisionByAnchor(Attrib anchor, ConnectedMA store, string type)
        {
            if (!anchor.IsPresent)
            {
                return;
            }
            try
            {
                CSEntry added = store.Connectors.StartNewConnector(type);
                added["Anchor"].Value = anchor.Value;
                added.CommitNewConnector();
            }
            catch (ObjectAlreadyExistsException)
            {
            }
        }
    }
}
