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
    internal sealed class RuleConnector : BaseConnector
    {
        private readonly RuleAgent agent;
        private FakeReference name;

        public RuleConnector(string type, string name, RuleAgent agent)
            : base(type, new AttributeSet(RuleSchema.All()), agent)
        {
            this.agent = agent;
            this.name = new FakeReference(name);
        }

        public bool Fresh { get; set; }

        public override ReferenceValue DN
        {
            get { return name; }
            set { Rename(value.ToString()); }
        }

        public override void CommitNewConnector()
        {
            string anchor = agent.Anchored ? this["Anchor"].Value : name.ToString();
            agent.Take(anchor);
            agent.Add(this);
            Note("new " + ObjectType + " " + name + " " + RuleSchema.Shown(Attributes));
        }

        public override void Deprovision()
        {
            agent.Remove(this);
            Note("deprovision " + name);
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

    internal sealed class RuleAgent : BaseAgent
    {
        private readonly RuleConnectors connectors;

        public RuleAgent(string name, bool anchored, IEnumerable<string> taken, List<string> events)
            : base(name, taken)
        {
            Anchored = anchored;
            Events = events;
            connectors = new RuleConnectors(this);
        }

        public bool Anchored { get; private set; }

        public List<string> Events { get; private set; }

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
    }

    internal sealed class RuleConnectors : BaseConnectors
    {
        public readonly List<RuleConnector> All = new List<RuleConnector>();
        private readonly RuleAgent agent;

        public RuleConnectors(RuleAgent agent)
        {
            this.agent = agent;
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

        public override CSEntry StartNewConnector(string objectType)
        {
            return new RuleConnector(objectType, string.Empty, agent) { Fresh = true };
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
