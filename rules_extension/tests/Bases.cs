// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// What the objects and agents of all tests have in common; members that no rule may use throw.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Tests
{
    internal abstract class BaseConnector : CSEntry
    {
        private readonly string type;
        private readonly ManagementAgent agent;

        protected BaseConnector(string type, AttributeSet attributes, ManagementAgent agent)
        {
            this.type = type;
            this.agent = agent;
            Attributes = attributes;
        }

        public AttributeSet Attributes { get; private set; }

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

        public override AttributeNameEnumerator GetEnumerator()
        {
            return Attributes.PresentNames();
        }
    }

    internal sealed class FakeMvEntry : MVEntry
    {
        private readonly string type;
        private readonly ConnectedMACollection agents;

        public FakeMvEntry(string type, AttributeSet attributes, ConnectedMACollection agents)
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

    /// <summary>An agent with anchors that other objects hold already.</summary>
    internal abstract class BaseAgent : ConnectedMA
    {
        private readonly string name;
        private readonly HashSet<string> taken;

        protected BaseAgent(string name, IEnumerable<string> taken)
        {
            this.name = name;
            this.taken = new HashSet<string>(taken, StringComparer.OrdinalIgnoreCase);
        }

        public override string Name
        {
            get { return name; }
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

    internal abstract class BaseConnectors : ConnectorCollection
    {
        public override ConnectorsByDN ByDN
        {
            get { throw Unused.Member(); }
        }

        public override ConnectorsByIndex ByIndex
        {
            get { throw Unused.Member(); }
        }

        public override CSEntry StartNewConnector(string objectType, string[] objectClasses)
        {
            throw Unused.Member();
        }

        public override CSEntry StartNewConnector(string objectType, ValueCollection objectClasses)
        {
            throw Unused.Member();
        }
    }

    internal sealed class FakeAgents : ConnectedMACollection
    {
        private readonly List<ConnectedMA> agents;

        public FakeAgents(IEnumerable<ConnectedMA> agents)
        {
            this.agents = agents.ToList();
        }

        public override int Count
        {
            get { return agents.Count; }
        }

        public override ConnectedMA this[string name]
        {
            get
            {
                ConnectedMA found = agents.Find(agent => string.Equals(agent.Name, name, StringComparison.OrdinalIgnoreCase));
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
}
