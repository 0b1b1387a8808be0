// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Functions that read a value as something else than text: numbers, bits, dates, identifiers.
// Twin of plugin_utils/engine/rules_file/conversions.py.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Rules
{
    internal static class RuleConversions
    {
        private const long Security = 0x80000000;

        /// <summary>Null for a name that is not known here.</summary>
        public static Each Find(string name, Arguments given, Surroundings around)
        {
            switch (name)
            {
                case "lookup":
                    return Lookup(given, around);
                case "not":
                    return text => RuleText.Flag(!RuleText.Truth(text));
                case "choose":
                    return text => RuleText.Truth(text) ? given.Text("yes") : given.Text("no");
                case "date":
                    return text => Date(text, given.Text("from"), given.Text("to"), 0, 0);
                case "date_add":
                    return text => Date(text, given.Text("format"), given.Text("format"), given.Number("days", "0"), given.Number("seconds", "0"));
                case "sid_text":
                    return Sid;
                case "guid_text":
                    return Identifier;
                case "hex":
                    return text => Hexadecimal(Binary(text));
                case "from_hex":
                    return FromHexadecimal;
                case "base64":
                    return text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
                case "sha256":
                    return Digest;
                default:
                    return Numbers(name, given);
            }
        }

        /// <summary>Base64 without blanks.</summary>
        public static byte[] Binary(string text)
        {
            int signs = text.TrimEnd('=').Length;
            bool fits = text.Length % 4 == 0 && text.Length - signs <= 2 && text.Take(signs).All(IsBase64);
            if (!fits)
            {
                throw new RuleProblem(RuleText.Shortened(text) + " is no Base64");
            }
            return Convert.FromBase64String(text);
        }

        private static bool IsBase64(char character)
        {
            return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z')
                || (character >= '0' && character <= '9') || character == '+' || character == '/';
        }

        private static Each Numbers(string name, Arguments given)
        {
            switch (name)
            {
                case "integer":
                    return text => RuleText.Number(RuleText.Integer(text));
                case "add":
                    return text => RuleText.Number(RuleText.Within((decimal)RuleText.Integer(text) + given.Number("number")));
                case "bit_test":
                    return text => RuleText.Flag((RuleText.Integer(text) & given.Number("mask")) == given.Number("mask"));
                case "bit_set":
                    return text => RuleText.Number(RuleText.Integer(text) | given.Number("mask"));
                case "bit_clear":
                    return text => RuleText.Number(RuleText.Integer(text) & ~given.Number("mask"));
                case "group_scope":
                    return text => Scope(RuleText.Integer(text));
                case "group_kind":
                    return text => (RuleText.Integer(text) & Security) != 0 ? "security" : "distribution";
                default:
                    return null;
            }
        }

        private static string Scope(long groupType)
        {
            return (groupType & 2) != 0 ? "global" : (groupType & 4) != 0 ? "domain_local" : (groupType & 8) != 0 ? "universal" : null;
        }

        private static Each Lookup(Arguments given, Surroundings around)
        {
            LookupTable table = around.Lookup(given.Text("table"));
            string missing = given.Text("missing", "none");
            return text =>
            {
                string found;
                if (table.Entries.TryGetValue(table.IgnoreCase ? RuleText.Upper(text) : text, out found))
                {
                    return found;
                }
                if (missing == "error")
                {
                    throw new RuleProblem(RuleText.Shortened(text) + " is not in the lookup table '" + given.Text("table") + "'");
                }
                return missing == "keep" ? text : null;
            };
        }

        private static string Date(string text, string from, string to, long days, long seconds)
        {
            long? ticks = RuleDates.Read(text, from);
            return ticks == null ? null : RuleDates.Write(RuleDates.Add(ticks.Value, days, seconds), to);
        }

        private static string Sid(string text)
        {
            byte[] value = Binary(text);
            try
            {
                return Utils.ConvertSidToString(value);
            }
            catch (Exception problem)
            {
                throw new RuleProblem(problem.Message);
            }
        }

        private static string Identifier(string text)
        {
            byte[] value = Binary(text);
            if (value.Length != 16)
            {
                throw new RuleProblem(value.Length + " bytes are no GUID");
            }
            return new Guid(value).ToString("D");
        }

        private static string Hexadecimal(byte[] value)
        {
            return string.Concat(value.Select(item => item.ToString("x2")).ToArray());
        }

        private static string FromHexadecimal(string text)
        {
            if (text.Length % 2 != 0 || text.Any(character => RuleText.DigitOf(character) < 0))
            {
                throw new RuleProblem(RuleText.Shortened(text) + " are no hexadecimal digits of whole bytes");
            }
            var value = new List<byte>();
            for (int index = 0; index < text.Length; index += 2)
            {
                value.Add((byte)(RuleText.DigitOf(text[index]) * 16 + RuleText.DigitOf(text[index + 1])));
            }
            return Convert.ToBase64String(value.ToArray());
        }

        // The provider of Windows itself: a host that allows validated cryptography only refuses the managed one.
        private static string Digest(string text)
        {
            using (var hash = new SHA256CryptoServiceProvider())
            {
                return Hexadecimal(hash.ComputeHash(Encoding.UTF8.GetBytes(text)));
            }
        }
    }
}
