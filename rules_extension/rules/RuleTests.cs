// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Single conditions of rules. Twin of plugin_utils/engine/rules_file/evaluation.py.

using System;
using System.Collections.Generic;
using System.Xml;

namespace MimSync.SharePoint.Rules
{
    internal static class RuleTests
    {
        public static Check Find(XmlElement test, Evaluation evaluation, Surroundings around)
        {
            string kind = test.GetAttribute("kind");
            Arguments given = Evaluation.GivenTo(test);
            if (kind == "connected")
            {
                string agent = given.Text("agent");
                return scene => scene.Metaverse != null && scene.Metaverse.ConnectedMAs[agent].Connectors.Count > 0;
            }
            Reader value = evaluation.Value(test["of"]);
            if (kind == "present" || kind == "absent")
            {
                return scene => value(scene).Exists(text => text.Length > 0) == (kind == "present");
            }
            Reader other = test["other"] == null ? null : evaluation.Value(test["other"]);
            bool ignoreCase = test.GetAttribute("ignore-case") == "true";
            bool absent = test.GetAttribute("absent") == "true";
            bool every = test.GetAttribute("every") == "true";
            Func<string, string, bool> passes = Single(kind, given, ignoreCase, around);
            return scene =>
            {
                List<string> texts = value(scene);
                List<string> others = other == null ? new List<string> { string.Empty } : other(scene);
                if (texts.Count == 0 || others.Count == 0)
                {
                    return absent;
                }
                Predicate<string> one = text => others.Exists(item => passes(text, item));
                return every ? texts.TrueForAll(one) : texts.Exists(one);
            };
        }

        private static Func<string, string, bool> Single(string kind, Arguments given, bool ignoreCase, Surroundings around)
        {
            Func<string, string, bool> compare = OfTexts(kind);
            if (compare != null)
            {
                return ignoreCase ? (text, item) => compare(RuleText.Upper(text), RuleText.Upper(item)) : compare;
            }
            switch (kind)
            {
                case "matches":
                    var pattern = new Pattern(given.Text("pattern"), ignoreCase);
                    return (text, item) => pattern.First(text, around.PatternSteps) != null;
                case "bits":
                    long mask = given.Number("mask");
                    return (text, item) => (RuleText.Integer(text) & mask) == mask;
                case "past":
                case "future":
                    return (text, item) => HasPassed(text, given.Text("format")) == (kind == "past");
                case "is_true":
                    return (text, item) => RuleText.Truth(text);
                case "is_false":
                    return (text, item) => !RuleText.Truth(text);
                case "less":
                    return (text, item) => RuleText.Integer(text) < RuleText.Integer(item);
                case "greater":
                    return (text, item) => RuleText.Integer(text) > RuleText.Integer(item);
                case "same_dn":
                    return (text, item) => RuleNames.Comparable(text) == RuleNames.Comparable(item);
                default:
                    throw new RuleProblem("'" + kind + "' is no test of rules");
            }
        }

        private static Func<string, string, bool> OfTexts(string kind)
        {
            switch (kind)
            {
                case "equals":
                    return (text, item) => text == item;
                case "contains":
                    return (text, item) => text.IndexOf(item, StringComparison.Ordinal) >= 0;
                case "starts_with":
                    return (text, item) => text.StartsWith(item, StringComparison.Ordinal);
                case "ends_with":
                    return (text, item) => text.EndsWith(item, StringComparison.Ordinal);
                default:
                    return null;
            }
        }

        // A date that means never lies in the future.
        private static bool HasPassed(string text, string form)
        {
            long? ticks = RuleDates.Read(text, form);
            return ticks != null && ticks.Value < RuleDates.Now();
        }
    }
}
