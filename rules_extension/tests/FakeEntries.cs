// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Connector-space and metaverse objects, and the SharePoint agent that takes new connectors.

using System;
using System.Collections;
using System.Collections.Generic;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Tests
{
    internal sealed class FakeCsEntry : CSEntry
    {
        private readonly string type;
        private readonly FakeStore store;

        public FakeCsEntry(string type, string dn, AttributeSet attributes, FakeStore store)
        {
            this.type = type;
            this.store = store;
            Attributes = attributes;
            Name = new FakeReference(dn);
        }

        public AttributeSet Attributes { get; private set; }

        public bool Committed { get; private set; }

        public override ReferenceValue DN
        {
            get { return Name; }
            set { throw new InvalidOperationException("The agent makes the distinguished name of the anchor."); }
        }

        public override ManagementAgent MA
        {
            get { return store; }
        }

        public override string ObjectType
        {
            get { return type; }
        }

        public override DateTime ConnectionChangeTime
        {
            get { throw Unused.Member(); }
        }

        public override RuleType ConnectionRule
        {
            get { throw Unused.Member(); }
        }

        public override ConnectionState ConnectionState
        {
            get { throw Unused.Member(); }
        }

        public override ValueCollection ObjectClass
        {
            get { throw Unused.Member(); }
            set { throw Unused.Member(); }
        }

        public override string RDN
        {
            get { throw Unused.Member(); }
            set { throw Unused.Member(); }
        }

        private FakeReference Name { get; set; }

        public override Attrib this[string attributeName]
        {
            get { return Attributes.Find(attributeName); }
        }

        public override void CommitNewConnector()
        {
            string anchor = this["Anchor"].Value;
            if (!store.Take(anchor))
            {
                throw new ObjectAlreadyExistsException(anchor);
            }
            Committed = true;
        }

        public override void Deprovision()
        {
            throw new NotSupportedException("No rule under test deprovisions.");
        }

        public override AttributeNameEnumerator GetEnumerator()
        {
            return Attributes.PresentNames();
        }
    }

    internal sealed class FakeMvEntry : MVEntry
    {
        private readonly string type;
        private readonly FakeAgents agents;

        public FakeMvEntry(string type, AttributeSet attributes, FakeAgents agents)
        {
            this.type = type;
            this.agents = agents;
            Attributes = attributes;
        }

        public AttributeSet Attributes { get; private set; }

        public override ConnectedMACollection ConnectedMAs
        {
            get { return agents; }
        }

        public override Guid ObjectID
        {
            get { return Guid.Empty; }
        }

        public override string ObjectType
        {
            get { return type; }
        }

        public override Attrib this[string attributeName]
        {
            get { return Attributes.Find(attributeName); }
        }

        public override AttributeNameEnumerator GetEnumerator()
        {
            return Attributes.PresentNames();
        }
    }

    internal sealed class FakeAgents : ConnectedMACollection
    {
        private readonly FakeStore store;

        public FakeAgents(FakeStore store)
        {
            this.store = store;
        }

        public override int Count
        {
            get { return 1; }
        }

        public override ConnectedMA this[string name]
        {
            get
            {
                if (!string.Equals(name, store.Name, StringComparison.OrdinalIgnoreCase))
                {
                    throw new NoSuchManagementAgentException(name);
                }
                return store;
            }
        }

        public override void DeprovisionAll()
        {
            throw new NotSupportedException("No rule under test deprovisions.");
        }
    }

    /// <summary>An agent with some connectors of the object under test, and anchors that other objects hold.</summary>
    internal sealed class FakeStore : ConnectedMA
    {
        private readonly string name;
        private readonly HashSet<string> anchors;
        private readonly FakeConnectors connectors;

        public FakeStore(string name, int connected, IEnumerable<string> taken)
        {
            this.name = name;
            anchors = new HashSet<string>(taken, StringComparer.OrdinalIgnoreCase);
            connectors = new FakeConnectors(this, connected);
        }

        public override string Name
        {
            get { return name; }
        }

        public override ConnectorCollection Connectors
        {
            get { return connectors; }
        }

        public IList<FakeCsEntry> Started
        {
            get { return connectors.Started; }
        }

        public override ReferenceValue CreateDN(string dn)
        {
            throw Unused.Member();
        }

        public override ReferenceValue CreateDN(Value dn)
        {
            throw Unused.Member();
        }

        public override ReferenceValue EscapeDNComponent(params string[] parts)
        {
            throw Unused.Member();
        }

        public override string NormalizeString(string text)
        {
            throw Unused.Member();
        }

        public override string[] UnescapeDNComponent(string component)
        {
            throw Unused.Member();
        }

        public bool Take(string anchor)
        {
            return anchors.Add(anchor);
        }
    }

    internal sealed class FakeConnectors : ConnectorCollection
    {
        private readonly FakeStore store;
        private readonly int connected;

        public FakeConnectors(FakeStore store, int connected)
        {
            this.store = store;
            this.connected = connected;
            Started = new List<FakeCsEntry>();
        }

        public List<FakeCsEntry> Started { get; private set; }

        public override ConnectorsByDN ByDN
        {
            get { throw Unused.Member(); }
        }

        public override ConnectorsByIndex ByIndex
        {
            get { throw Unused.Member(); }
        }

        public override int Count
        {
            get { return connected; }
        }

        public override void DeprovisionAll()
        {
            throw new NotSupportedException("No rule under test deprovisions.");
        }

        public override IEnumerator GetEnumerator()
        {
            throw Unused.Member();
        }

        public override CSEntry StartNewConnector(string objectType, string[] objectClasses)
        {
            throw Unused.Member();
        }

        public override CSEntry StartNewConnector(string objectType, ValueCollection objectClasses)
        {
            throw Unused.Member();
        }

        public override CSEntry StartNewConnector(string objectType)
        {
            if (objectType != "user" && objectType != "group" && objectType != "contact")
            {
                throw new NoSuchObjectTypeException(objectType);
            }
            var entry = new FakeCsEntry(objectType, string.Empty, new AttributeSet(Schemas.Store()), store);
            Started.Add(entry);
            return entry;
        }
    }

    /// <summary>Attributes that the rules read and write, with the types that the built-in configuration gives them.</summary>
    internal static class Schemas
    {
        private const string Texts =
            "accountName department displayName mail lastName firstName telephoneNumber sAMAccountName distinguishedName dc type nCName nETBiosName stringSID "
            + "SPS-SipAddress msDS-SourceObjectDN";

        public static IEnumerable<FakeAttrib> Metaverse()
        {
            foreach (string name in Texts.Split(' '))
            {
                yield return new FakeAttrib(name, AttributeType.String, false);
            }
            yield return new FakeAttrib("objectSid", AttributeType.Binary, false);
        }

        public static IEnumerable<FakeAttrib> Directory()
        {
            yield return new FakeAttrib("objectSid", AttributeType.Binary, false);
            yield return new FakeAttrib("nCName", AttributeType.Reference, false);
            yield return new FakeAttrib("proxyAddresses", AttributeType.String, true);
            yield return new FakeAttrib("msDS-SourceObjectDN", AttributeType.String, false);
            yield return new FakeAttrib("hideDLMembership", AttributeType.Boolean, false);
        }

        public static IEnumerable<FakeAttrib> Store()
        {
            foreach (string name in "Anchor ProfileIdentifier PreferredName AccountName Department UserName WorkEmail LastName FirstName WorkPhone".Split(' '))
            {
                yield return new FakeAttrib(name, AttributeType.String, false);
            }
            yield return new FakeAttrib("SID", AttributeType.Binary, false);
        }
    }
}
