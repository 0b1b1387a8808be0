// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// What the functions of rules do with texts and lists. Names, arguments and meaning: plugin_utils/rules/catalogue.py;
// twin of plugin_utils/engine/rules_file/functions.py.

using System;
using System.Collections.Generic;
using System.Linq;

namespace MimSync.SharePoint.Rules
{
    internal delegate List<string> Transform(List<string> texts);

    /// <summary>One value to another, or null to drop it.</summary>
    internal delegate string Each(string text);

    /// <summary>Arguments of a function as the rules file holds them.</summary>
    internal sealed class Arguments
    {
        private readonly Dictionary<string, string> given;

        public Arguments(Dictionary<string, string> given)
        {
            this.given = given;
        }

        public string Text(string name, string otherwise = null)
        {
            string text;
            if (given.TryGetValue(name, out text))
            {
                return text;
            }
            if (otherwise == null)
            {
                throw new RuleProblem("the argument " + name + " is missing");
            }
            return otherwise;
        }

        public long Number(string name, string otherwise = null)
        {
            return RuleText.Integer(Text(name, otherwise));
        }

        public int Count(string name, string otherwise = null)
        {
            long number = Number(name, otherwise);
            if (number < 0 || number > 1000000)
            {
                throw new RuleProblem("the argument " + name + " must lie between 0 and 1000000");
            }
            return (int)number;
        }

        public bool Flag(string name)
        {
            return Text(name, "false") == "true";
        }

        public Pattern Pattern()
        {
            return new Pattern(Text("pattern"), Flag("ignore_case"));
        }
    }

    internal static class RuleFunctions
    {
        /// <summary>The function of a step; its results are checked against the file's limit.</summary>
        public static Transform Find(string name, Arguments arguments, Surroundings around)
        {
            Transform transform = Lists(name, arguments, around);
            if (transform == null)
            {
                Each each = Texts(name, arguments, around) ?? RuleConversions.Find(name, arguments, around);
                if (each == null)
                {
                    throw new RuleProblem("'" + name + "' is no function of rules");
                }
                transform = texts => texts.ConvertAll(text => each(text)).FindAll(text => text != null);
            }
            return texts =>
            {
                List<string> results = transform(texts);
                results.ForEach(text => RuleText.Checked(text, around.TextLength));
                return results;
            };
        }

        private static Each Texts(string name, Arguments given, Surroundings around)
        {
            switch (name)
            {
                case "upper":
                    return RuleText.Upper;
                case "lower":
                    return RuleText.Lower;
                case "title":
                    return RuleText.Title;
                case "without_diacritics":
                    return RuleText.WithoutDiacritics;
                case "trim":
                    return text => RuleText.Trim(text, given.Text("characters", string.Empty), true, true);
                case "trim_start":
                    return text => RuleText.Trim(text, given.Text("characters", string.Empty), true, false);
                case "trim_end":
                    return text => RuleText.Trim(text, given.Text("characters", string.Empty), false, true);
                case "prefix":
                    return text => given.Text("text") + text;
                case "suffix":
                    return text => text + given.Text("text");
                case "replace_text":
                    return text => ReplaceText(text, given.Text("find"), given.Text("with", string.Empty), given.Flag("ignore_case"));
                case "before":
                    return text => Around(text, given.Text("text"), true);
                case "after":
                    return text => Around(text, given.Text("text"), false);
                case "word":
                    return text => Word(text, given.Count("number"), given.Text("separators", " "));
                case "escape_dn":
                    return RuleNames.Escaped;
                case "escape_xml":
                    return text => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;").Replace("'", "&apos;");
                case "dn_part":
                    return text => RuleNames.Part(text, given.Count("number", "1"));
                case "dn_component":
                    return text => RuleNames.Component(text, given.Count("number", "1"));
                case "dn_parent":
                    return RuleNames.Parent;
                case "dn_name":
                    return text => NullIfEmpty(DistinguishedName.FirstValue(text));
                case "netbios_name":
                    return text => NullIfEmpty(around.Domains.Of(text));
                default:
                    return Lengths(name, given) ?? Patterns(name, given, around);
            }
        }

        private static string NullIfEmpty(string text)
        {
            return string.IsNullOrEmpty(text) ? null : text;
        }

        private static Each Lengths(string name, Arguments given)
        {
            switch (name)
            {
                case "substring":
                    return text => Substring(RuleText.Codes(text), given.Count("start"), given.Number("length", "-1"));
                case "left":
                    return text => RuleText.Text(RuleText.Codes(text), 0, given.Count("length"));
                case "right":
                    return text => Right(RuleText.Codes(text), given.Count("length"));
                case "pad_left":
                    return text => Padding(text, given) + text;
                case "pad_right":
                    return text => text + Padding(text, given);
                default:
                    return null;
            }
        }

        private static Each Patterns(string name, Arguments given, Surroundings around)
        {
            if (name != "replace" && name != "extract" && name != "matches")
            {
                return null;
            }
            Pattern pattern = given.Pattern();
            long limit = around.PatternSteps;
            if (name == "replace")
            {
                List<object> parts = pattern.Replacement(given.Text("with", string.Empty));
                return text => pattern.Replace(text, parts, limit);
            }
            if (name == "matches")
            {
                return text => RuleText.Flag(pattern.First(text, limit) != null);
            }
            int group = given.Count("group", "0");
            return text => Extract(pattern, text, group, limit);
        }

        private static string Extract(Pattern pattern, string text, int group, long limit)
        {
            int[] spans = pattern.First(text, limit);
            return spans == null || spans[2 * group] < 0 ? null : Pattern.Group(RuleText.Codes(text), spans, group);
        }

        private static string ReplaceText(string text, string find, string other, bool ignoreCase)
        {
            if (!ignoreCase)
            {
                return text.Replace(find, other);
            }
            string searched = RuleText.Upper(text);
            string wanted = RuleText.Upper(find);
            var pieces = new List<string>();
            int at = 0;
            for (int place = searched.IndexOf(wanted, StringComparison.Ordinal); place >= 0; place = searched.IndexOf(wanted, at, StringComparison.Ordinal))
            {
                pieces.Add(text.Substring(at, place - at) + other);
                at = place + wanted.Length;
            }
            return string.Concat(pieces.ToArray()) + text.Substring(at);
        }

        private static string Around(string text, string mark, bool before)
        {
            int place = text.IndexOf(mark, StringComparison.Ordinal);
            return place < 0 ? text : before ? text.Substring(0, place) : text.Substring(place + mark.Length);
        }

        private static string Word(string text, int number, string separators)
        {
            string[] marks = RuleText.Codes(separators).Select(code => RuleText.Text(new[] { code }, 0, 1)).ToArray();
            string[] words = text.Split(marks, StringSplitOptions.RemoveEmptyEntries);
            return number >= 1 && number <= words.Length ? words[number - 1] : null;
        }

        private static string Substring(int[] codes, int start, long length)
        {
            long end = length < 0 || length > codes.Length ? codes.Length : Math.Min(start + length, codes.Length);
            return RuleText.Text(codes, start, (int)end);
        }

        private static string Right(int[] codes, int length)
        {
            return RuleText.Text(codes, codes.Length - length, codes.Length);
        }

        private static string Padding(string text, Arguments given)
        {
            int missing = given.Count("length") - RuleText.Codes(text).Length;
            return missing <= 0 ? string.Empty : string.Concat(Enumerable.Repeat(given.Text("with", " "), missing));
        }

        private static Transform Lists(string name, Arguments given, Surroundings around)
        {
            switch (name)
            {
                case "first":
                    return texts => texts.Take(1).ToList();
                case "last":
                    return texts => texts.Skip(texts.Count - 1).ToList();
                case "at":
                    return texts => texts.Where((text, index) => index + 1 == given.Count("number")).ToList();
                case "join":
                    return texts => texts.Count == 0 ? texts : Only(string.Join(given.Text("with", string.Empty), texts.ToArray()));
                case "split":
                    return texts => texts.SelectMany(text => text.Split(new[] { given.Text("at") }, StringSplitOptions.None)).ToList();
                case "sort":
                    return texts => Sorted(texts);
                case "reverse":
                    return texts => Enumerable.Reverse(texts).ToList();
                case "distinct":
                    return texts => Distinct(texts, given.Flag("ignore_case"));
                case "count":
                    return texts => Only(RuleText.Number(texts.Count));
                case "random_password":
                    return texts => Only(RuleRandom.Password(given.Count("length")));
                case "random_guid":
                    return texts => Only(RuleRandom.Identifier());
                case "with_prefix":
                    return texts => WithPrefix(texts, RuleText.AsciiUpper(given.Text("text")));
                case "drop_empty":
                    return texts => texts.FindAll(text => text.Length > 0);
                case "default":
                    return texts => texts.Count > 0 ? texts : Only(given.Text("text"));
                case "fallback":
                    return texts => texts.Count > 0 ? texts : around.Named(given.Text("value"));
                case "mv_lookup":
                    return texts => texts.SelectMany(text => around.Find(given, text)).ToList();
                case "keep":
                case "drop":
                    Pattern pattern = given.Pattern();
                    return texts => texts.FindAll(text => (pattern.First(text, around.PatternSteps) != null) == (name == "keep"));
                default:
                    return null;
            }
        }

        private static List<string> Only(string text)
        {
            return new List<string> { text };
        }

        private static List<string> Sorted(List<string> texts)
        {
            var sorted = new List<string>(texts);
            sorted.Sort(RuleText.Compare);
            return sorted;
        }

        private static List<string> Distinct(List<string> texts, bool ignoreCase)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            return texts.FindAll(text => seen.Add(ignoreCase ? RuleText.Upper(text) : text));
        }

        private static List<string> WithPrefix(List<string> texts, string prefix)
        {
            return texts.FindAll(text => text.Length >= prefix.Length && RuleText.AsciiUpper(text.Substring(0, prefix.Length)) == prefix)
                .ConvertAll(text => text.Substring(prefix.Length));
        }
    }
}
