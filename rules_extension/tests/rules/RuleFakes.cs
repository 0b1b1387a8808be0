// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Objects and agents for rules of a rules file. What an extension does to connectors is written down as events.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Tests
{
    internal sealed class RuleConnector : CSEntry
    {
        private readonly string type;
        private readonly RuleAgent agent;
        private FakeReference name;

        public RuleConnector(string type, string name, RuleAgent agent)
        {
            this.type = type;
            this.agent = agent;
            this.name = new FakeReference(name);
            Attributes = new AttributeSet(RuleSchema.All());
        }

        public AttributeSet Attributes { get; private set; }

        public bool Fresh { get; set; }

        public override ReferenceValue DN
        {
            get { return name; }
            set { Rename(value.ToString()); }
        }

        public override ManagementAgent MA
        {
            get { return agent; }
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

        public override Attrib this[string attributeName]
        {
            get { return Attributes.Find(attributeName); }
        }

        public override void CommitNewConnector()
        {
            string anchor = agent.Anchored ? this["Anchor"].Value : name.ToString();
            agent.Take(anchor);
            agent.Add(this);
            Note("new " + type + " " + name + " " + RuleSchema.Shown(Attributes));
        }

        public override void Deprovision()
        {
            agent.Remove(this);
            Note("deprovision " + name);
        }

        public override AttributeNameEnumerator GetEnumerator()
        {
            return Attributes.PresentNames();
        }

        private void Rename(string wanted)
        {
            if (agent.Anchored)
            {
                throw new InvalidOperationException("The agent makes the distinguished name of the anchor.");
            }
            if (!Fresh)
            {
                Note("rename " + name + " > " + wanted);
            }
            name = new FakeReference(wanted);
        }

        private void Note(string text)
        {
            agent.Events.Add(agent.Name + " " + text);
        }
    }

    internal sealed class RuleAgent : ConnectedMA
    {
        private readonly string name;
        private readonly HashSet<string> taken;
        private readonly RuleConnectors connectors;

        public RuleAgent(string name, bool anchored, IEnumerable<string> taken, List<string> events)
        {
            this.name = name;
            this.taken = new HashSet<string>(taken, StringComparer.OrdinalIgnoreCase);
            Anchored = anchored;
            Events = events;
            connectors = new RuleConnectors(this);
        }

        public bool Anchored { get; private set; }

        public List<string> Events { get; private set; }

        public override string Name
        {
            get { return name; }
        }

        public override ConnectorCollection Connectors
        {
            get { return connectors; }
        }

        public List<RuleConnector> All
        {
            get { return connectors.All; }
        }

        public void Add(RuleConnector connector)
        {
            connector.Fresh = false;
            connectors.All.Add(connector);
        }

        public void Remove(RuleConnector connector)
        {
            connectors.All.Remove(connector);
        }

        public void Take(string anchor)
        {
            if (!taken.Add(anchor))
            {
                throw new ObjectAlreadyExistsException(anchor);
            }
        }

        public override ReferenceValue CreateDN(string dn)
        {
            return new FakeReference(dn);
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
    }

    internal sealed class RuleConnectors : ConnectorCollection
    {
        public readonly List<RuleConnector> All = new List<RuleConnector>();
        private readonly RuleAgent agent;

        public RuleConnectors(RuleAgent agent)
        {
            this.agent = agent;
        }

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
            get { return All.Count; }
        }

        public override void DeprovisionAll()
        {
            foreach (RuleConnector connector in All.ToList())
            {
                connector.Deprovision();
            }
        }

        public override IEnumerator GetEnumerator()
        {
            return All.GetEnumerator();
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
            return new RuleConnector(objectType, string.Empty, agent) { Fresh = true };
        }
    }

    internal sealed class RuleAgents : ConnectedMACollection
    {
        private readonly List<RuleAgent> agents;

        public RuleAgents(List<RuleAgent> agents)
        {
            this.agents = agents;
        }

        public override int Count
        {
            get { return agents.Count; }
        }

        public override ConnectedMA this[string name]
        {
            get
            {
                RuleAgent found = agents.Find(agent => string.Equals(agent.Name, name, StringComparison.OrdinalIgnoreCase));
                if (found == null)
                {
                    throw new NoSuchManagementAgentException(name);
                }
                return found;
            }
        }

        public override void DeprovisionAll()
        {
            agents.ForEach(agent => agent.Connectors.DeprovisionAll());
        }
    }

    internal sealed class RuleMetaverseEntry : MVEntry
    {
        private readonly string type;
        private readonly RuleAgents agents;

        public RuleMetaverseEntry(string type, RuleAgents agents)
        {
            this.type = type;
            this.agents = agents;
            Attributes = new AttributeSet(RuleSchema.All());
        }

        public AttributeSet Attributes { get; private set; }

        public override ConnectedMACollection ConnectedMAs
        {
            get { return agents; }
        }

        public override Guid ObjectID
        {
            get { return new Guid("A0000000-0000-4000-8000-000000000001"); }
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

    internal static class RuleSchema
    {
        private const string Texts = "text other third displayName accountName distinguishedName type dc nCName nETBIOSName Anchor";

        public static IEnumerable<FakeAttrib> All()
        {
            foreach (string name in Texts.Split(' '))
            {
                yield return new FakeAttrib(name, AttributeType.String, false);
            }
            yield return new FakeAttrib("texts", AttributeType.String, true);
            yield return new FakeAttrib("number", AttributeType.Integer, false);
            yield return new FakeAttrib("numbers", AttributeType.Integer, true);
            yield return new FakeAttrib("flag", AttributeType.Boolean, false);
            yield return new FakeAttrib("bytes", AttributeType.Binary, false);
            yield return new FakeAttrib("binaries", AttributeType.Binary, true);
            yield return new FakeAttrib("link", AttributeType.Reference, false);
        }

        /// <summary>What was written, in a fixed order.</summary>
        public static string Shown(AttributeSet attributes)
        {
            IEnumerable<string> written = attributes.All.Where(item => item.Written).Select(item => item.Name + "=" + string.Join("|", item.Texts.ToArray()));
            return string.Join(";", written.OrderBy(item => item, StringComparer.Ordinal).ToArray());
        }
    }
}
