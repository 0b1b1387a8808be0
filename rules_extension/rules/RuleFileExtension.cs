// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Rules extension whose rules are those of the file MimSync.Rules.xml in the Extensions folder. Compiled with the files beside it and
// with DistinguishedNames.cs on the synchronization host by Windows PowerShell 5.1 (C# 5).
// Twin of plugin_utils/engine/rules_file/extension.py.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Rules
{
    /// <summary>Rules of the management agents.</summary>
    public sealed class RuleFileAgentRules : IMASynchronization
    {
        private List<Rule> flows;
        private List<Rule> filters;
        private List<Rule> projections;
        private List<Rule> resolutions;
        private List<Rule> cleanups;

        public void Initialize()
        {
            RuleFile file = RuleFile.Beside();
            flows = file.Rules("flow");
            filters = file.Rules("filter");
            projections = file.Rules("projection");
            resolutions = file.Rules("resolution");
            cleanups = file.Rules("cleanup");
        }

        public void Terminate()
        {
        }

        public bool FilterForDisconnection(CSEntry csentry)
        {
            return First(Wanted(filters, "filters"), SceneOf(csentry, null)) != null;
        }

        public bool ShouldProjectToMV(CSEntry csentry, out string MVObjectType)
        {
            Rule rule = First(Wanted(projections, "projection rules"), SceneOf(csentry, null));
            MVObjectType = rule == null ? string.Empty : rule.Element.GetAttribute("to");
            return MVObjectType.Length > 0;
        }

        public void MapAttributesForJoin(string FlowRuleName, CSEntry csentry, ref ValueCollection values)
        {
            Rule rule;
            List<string> texts = Outcome("join", FlowRuleName, SceneOf(csentry, null), out rule);
            if (texts != null)
            {
                foreach (string text in texts)
                {
                    values.Add(text);
                }
            }
        }

        public bool ResolveJoinSearch(string joinCriteriaName, CSEntry csentry, MVEntry[] rgmventry, out int imventry, ref string MVObjectType)
        {
            List<Rule> rules = resolutions.FindAll(rule => Context(rule).Length == 0 || Context(rule) == joinCriteriaName);
            foreach (Rule rule in Wanted(rules, "resolution for '" + joinCriteriaName + "'"))
            {
                List<int> fitting = Enumerable.Range(0, rgmventry.Length).Where(index => rule.Fits(SceneOf(csentry, rgmventry[index]))).ToList();
                if (fitting.Count == 1)
                {
                    imventry = fitting[0];
                    return true;
                }
            }
            imventry = -1;
            return false;
        }

        public void MapAttributesForImport(string FlowRuleName, CSEntry csentry, MVEntry mventry)
        {
            Map("import", FlowRuleName, SceneOf(csentry, mventry), name => mventry[name]);
        }

        public void MapAttributesForExport(string FlowRuleName, MVEntry mventry, CSEntry csentry)
        {
            Map("export", FlowRuleName, SceneOf(csentry, mventry), name => csentry[name]);
        }

        public DeprovisionAction Deprovision(CSEntry csentry)
        {
            Rule rule = First(Wanted(cleanups, "cleanup rules"), SceneOf(csentry, null));
            if (rule == null)
            {
                throw new UnexpectedDataException(
                    "no cleanup rule is for the object '" + csentry.DN + "' of type " + csentry.ObjectType + " in " + csentry.MA.Name);
            }
            switch (rule.Element.GetAttribute("action"))
            {
                case "delete":
                    return DeprovisionAction.Delete;
                case "explicit_disconnect":
                    return DeprovisionAction.ExplicitDisconnect;
                default:
                    return DeprovisionAction.Disconnect;
            }
        }

        internal static List<Rule> Wanted(List<Rule> rules, string what)
        {
            if (rules.Count == 0)
            {
                throw new EntryPointNotImplementedException("the rules file has no " + what, null);
            }
            return rules;
        }

        internal static Rule First(List<Rule> rules, Scene scene)
        {
            return rules.Find(rule => rule.Fits(scene));
        }

        internal static Scene SceneOf(CSEntry csentry, MVEntry mventry)
        {
            return new Scene(csentry, mventry, csentry.MA.Name);
        }

        private static string Context(Rule rule)
        {
            return rule.Element.GetAttribute("context");
        }

        private void Map(string direction, string name, Scene scene, Func<string, Attrib> find)
        {
            Rule rule;
            List<string> texts = Outcome(direction, name, scene, out rule);
            if (texts == null)
            {
                return;
            }
            rule.Guarded(scene, () =>
            {
                RuleValues.Write(find, rule.Element.GetAttribute("target"), texts);
                return true;
            });
        }

        // What the first rule that fits says, without empty texts; null: nothing.
        private List<string> Outcome(string direction, string name, Scene scene, out Rule chosen)
        {
            List<Rule> named = flows.FindAll(rule => rule.Element.GetAttribute("direction") == direction && rule.Name == name);
            Rule found = First(Wanted(named, "rule '" + name + "' for " + direction + " flows"), scene);
            chosen = found;
            if (found == null)
            {
                throw new DeclineMappingException("no rule '" + name + "' is for this object", null);
            }
            List<string> texts = found.Guarded(scene, () => found.Value(scene)).FindAll(text => text.Length > 0);
            if (texts.Count > 0)
            {
                return texts;
            }
            switch (found.Element.GetAttribute("when-empty"))
            {
                case "decline":
                    throw new DeclineMappingException("the rule '" + name + "' has no value for this object", null);
                case "delete":
                    return texts;
                case "default":
                    return new List<string> { found.Element.GetAttribute("default") };
                default:
                    return null;
            }
        }
    }

    /// <summary>Rules of the metaverse.</summary>
    public sealed class RuleFileProvisioning : IMVSynchronization
    {
        private Provisioner provisioner;
        private List<Rule> deletions;

        public void Initialize()
        {
            RuleFile file = RuleFile.Beside();
            provisioner = new Provisioner(file);
            deletions = file.Rules("deletion");
        }

        public void Terminate()
        {
        }

        public void Provision(MVEntry mventry)
        {
            provisioner.Run(mventry);
        }

        public bool ShouldDeleteFromMV(CSEntry csentry, MVEntry mventry)
        {
            List<Rule> rules = RuleFileAgentRules.Wanted(deletions, "deletion rules");
            Rule rule = RuleFileAgentRules.First(rules, RuleFileAgentRules.SceneOf(csentry, mventry));
            return rule != null && rule.Element.GetAttribute("delete") == "true";
        }
    }
}
