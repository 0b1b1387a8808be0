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
    internal sealed class FakeCsEntry : BaseConnector
    {
        private readonly FakeStore store;

        public FakeCsEntry(string type, string dn, AttributeSet attributes, FakeStore store)
            : base(type, attributes, store)
        {
            this.store = store;
            Name = new FakeReference(dn);
        }

        public bool Committed { get; private set; }

        public override ReferenceValue DN
        {
            get { return Name; }
            set { throw new InvalidOperationException("The agent makes the distinguished name of the anchor."); }
        }

        private FakeReference Name { get; set; }

        public override void CommitNewConnector()
        {
            store.Take(this["Anchor"].Value);
            Committed = true;
        }

        public override void Deprovision()
        {
            throw new NotSupportedException("No rule under test deprovisions.");
        }
    }

    /// <summary>An agent with some connectors of the object under test, and anchors that other objects hold.</summary>
    internal sealed class FakeStore : BaseAgent
    {
        private readonly FakeConnectors connectors;

        public FakeStore(string name, int connected, IEnumerable<string> taken)
            : base(name, taken)
        {
            connectors = new FakeConnectors(this, connected);
        }

        public override ConnectorCollection Connectors
        {
            get { return connectors; }
        }

        public IList<FakeCsEntry> Started
        {
            get { return connectors.Started; }
        }
    }

    internal sealed class FakeConnectors : BaseConnectors
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
