// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Provisioning rules: connectors that come, change their name, and go. Twin of plugin_utils/engine/rules_file/provisioning.py.
//
// In each agent the first rule whose conditions hold governs: it makes the connector, or gives it its new name. When none holds, the
// connectors are parted with by the first rule of their type that says how.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Rules
{
    /// <summary>An attribute and what is written to it.</summary>
    internal sealed class Assignment
    {
        public string Target;
        public Reader Value;
    }

    internal sealed class ProvisioningRule
    {
        public ProvisioningRule(Rule rule, Evaluation evaluation)
        {
            Rule = rule;
            Name = evaluation.Value(rule.Element["name"]);
            Anchor = rule.Element.GetAttribute("anchor");
            Initial = Assignments(rule.Element, "initial", evaluation);
            XmlElement leave = rule.Element["leave"];
            Leaves = leave != null;
            Parting = leave == null ? new List<Assignment>() : Assignments(leave, "set", evaluation);
            Move = leave == null || leave["move"] == null ? null : evaluation.Value(leave["move"]);
            Deprovision = leave == null ? string.Empty : leave.GetAttribute("deprovision");
        }

        public Rule Rule { get; private set; }

        public Reader Name { get; private set; }

        public string Anchor { get; private set; }

        public List<Assignment> Initial { get; private set; }

        public bool Leaves { get; private set; }

        public List<Assignment> Parting { get; private set; }

        public Reader Move { get; private set; }

        public string Deprovision { get; private set; }

        public string Trait(string name)
        {
            return Rule.Element.GetAttribute(name);
        }

        /// <summary>The single text of a name; empty without one.</summary>
        public string One(Reader reader, Scene scene)
        {
            return Rule.Guarded(scene, () =>
            {
                List<string> texts = reader(scene);
                if (texts.Count > 1)
                {
                    throw new RuleProblem(texts.Count + " values are no name");
                }
                return texts.Count == 0 ? string.Empty : texts[0];
            });
        }

        private static List<Assignment> Assignments(XmlElement holder, string kind, Evaluation evaluation)
        {
            return Evaluation.Children(holder, kind).ConvertAll(
                item => new Assignment { Target = item.GetAttribute("target"), Value = evaluation.Value(item) });
        }
    }

    internal sealed class Provisioner
    {
        private readonly List<List<ProvisioningRule>> agents;

        public Provisioner(RuleFile file)
        {
            agents = file.Rules("provisioning").ConvertAll(rule => new ProvisioningRule(rule, file.Evaluation))
                .GroupBy(rule => RuleText.Upper(rule.Rule.Agent)).Select(group => group.ToList()).ToList();
        }

        public void Run(MVEntry entry)
        {
            foreach (List<ProvisioningRule> rules in agents)
            {
                List<ProvisioningRule> own = rules.FindAll(rule => Rule.Same(rule.Rule.MetaverseType, entry.ObjectType));
                if (own.Count > 0)
                {
                    InAgent(own, entry);
                }
            }
        }

        private static void InAgent(List<ProvisioningRule> rules, MVEntry entry)
        {
            string name = rules[0].Rule.Agent;
            ConnectedMA agent = entry.ConnectedMAs[name];
            var scene = new Scene(null, entry, name);
            ProvisioningRule governing = rules.Find(rule => rule.Rule.Fits(scene));
            if (governing == null)
            {
                Part(rules, agent, entry);
            }
            else if (agent.Connectors.Count == 0)
            {
                Create(governing, agent, scene);
            }
            else if (governing.Trait("changed") != "keep")
            {
                foreach (CSEntry held in Held(agent).FindAll(item => Rule.Same(item.ObjectType, governing.Rule.ObjectType)))
                {
                    Follow(governing, agent, held, scene);
                }
            }
        }

        private static List<CSEntry> Held(ConnectedMA agent)
        {
            return agent.Connectors.Cast<CSEntry>().ToList();
        }

        private static void Create(ProvisioningRule rule, ConnectedMA agent, Scene scene)
        {
            string name = rule.One(rule.Name, scene);
            if (name.Length == 0)
            {
                return;
            }
            CSEntry connector = agent.Connectors.StartNewConnector(rule.Rule.ObjectType);
            foreach (Assignment item in rule.Initial)
            {
                List<string> texts = Filled(rule, item, scene);
                if (texts.Count > 0)
                {
                    Write(rule, connector, item.Target, texts, scene);
                }
            }
            if (rule.Anchor.Length > 0)
            {
                Write(rule, connector, rule.Anchor, new List<string> { name }, scene);
            }
            else
            {
                connector.DN = agent.CreateDN(name);
            }
            try
            {
                connector.CommitNewConnector();
            }
            catch (ObjectAlreadyExistsException)
            {
                if (rule.Trait("conflict") == "fail")
                {
                    throw;
                }
            }
        }

        private static List<string> Filled(ProvisioningRule rule, Assignment item, Scene scene)
        {
            return rule.Rule.Guarded(scene, () => item.Value(scene)).FindAll(text => text.Length > 0);
        }

        private static void Write(ProvisioningRule rule, CSEntry connector, string target, List<string> texts, Scene scene)
        {
            rule.Rule.Guarded(scene, () =>
            {
                RuleValues.Write(name => connector[name], target, texts);
                return true;
            });
        }

        private static void Follow(ProvisioningRule rule, ConnectedMA agent, CSEntry held, Scene scene)
        {
            string name = rule.One(rule.Name, scene);
            string present = held.DN.ToString();
            if (rule.Anchor.Length > 0)
            {
                List<string> texts = rule.Rule.Guarded(scene, () => RuleValues.Read(held, rule.Anchor, int.MaxValue));
                present = texts.Count == 0 ? string.Empty : texts[0];
            }
            bool exact = rule.Trait("exact") == "true";
            if (name.Length == 0 || present.Length == 0 || name == present || (!exact && Rule.Same(name, present)))
            {
                return;
            }
            if (rule.Trait("changed") == "rename")
            {
                held.DN = agent.CreateDN(name);
                return;
            }
            held.Deprovision();
            if (agent.Connectors.Count == 0)
            {
                Create(rule, agent, scene);
            }
        }

        private static void Part(List<ProvisioningRule> rules, ConnectedMA agent, MVEntry entry)
        {
            foreach (CSEntry held in Held(agent))
            {
                ProvisioningRule rule = rules.Find(item => item.Leaves && Rule.Same(item.Rule.ObjectType, held.ObjectType));
                if (rule == null)
                {
                    continue;
                }
                ChangeParting(rule, agent, held, new Scene(held, entry, rules[0].Rule.Agent));
                switch (rule.Deprovision)
                {
                    case "connector":
                        held.Deprovision();
                        break;
                    case "agent":
                        agent.Connectors.DeprovisionAll();
                        return;
                    case "all":
                        entry.ConnectedMAs.DeprovisionAll();
                        return;
                }
            }
        }

        private static void ChangeParting(ProvisioningRule rule, ConnectedMA agent, CSEntry held, Scene scene)
        {
            foreach (Assignment item in rule.Parting)
            {
                Write(rule, held, item.Target, Filled(rule, item, scene), scene);
            }
            if (rule.Move == null)
            {
                return;
            }
            string name = rule.One(rule.Move, scene);
            if (name.Length > 0 && !Rule.Same(name, held.DN.ToString()))
            {
                held.DN = agent.CreateDN(name);
            }
        }
    }
}
