// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Distinguished names in rules. Twin of plugin_utils/engine/rules_file/names.py.

using System;
using System.Collections.Generic;
using System.Text;

namespace MimSync.SharePoint.Rules
{
    internal static class RuleNames
    {
        private const string Special = ",+\"\\<>;=";

        public static string Component(string name, long number)
        {
            List<string> parts = Split(name);
            return name.Length > 0 && number >= 1 && number <= parts.Count ? parts[(int)number - 1].Trim(' ') : null;
        }

        public static string Part(string name, long number)
        {
            string found = Component(name, number);
            return found == null ? null : Unescaped(found.Substring(found.IndexOf('=') + 1));
        }

        public static string Parent(string name)
        {
            List<string> parts = Split(name);
            return parts.Count > 1 ? name.Substring(parts[0].Length + 1) : null;
        }

        public static string Comparable(string name)
        {
            return string.Join(",", Split(name).ConvertAll(part => RuleText.Upper(part.Trim(' '))).ToArray());
        }

        public static string Escaped(string text)
        {
            var result = new StringBuilder();
            for (int index = 0; index < text.Length; index++)
            {
                char character = text[index];
                bool atEdge = (index == 0 && (character == '#' || character == ' ')) || (index > 0 && index == text.Length - 1 && character == ' ');
                if (atEdge || Special.IndexOf(character) >= 0)
                {
                    result.Append('\\').Append(character);
                }
                else if (character == '\0' || character == '\r' || character == '\n')
                {
                    result.Append('\\').Append(((int)character).ToString("X2"));
                }
                else
                {
                    result.Append(character);
                }
            }
            return result.ToString();
        }

        private static List<string> Split(string name)
        {
            var parts = new List<string>();
            int start = 0;
            for (int index = 0; index < name.Length; index++)
            {
                if (name[index] == '\\')
                {
                    index++;
                }
                else if (name[index] == ',')
                {
                    parts.Add(name.Substring(start, index - start));
                    start = index + 1;
                }
            }
            parts.Add(name.Substring(start));
            return parts;
        }

        private static string Unescaped(string text)
        {
            var bytes = new List<byte>();
            int at = 0;
            while (at < text.Length)
            {
                int high = text[at] == '\\' && at + 2 < text.Length ? RuleText.DigitOf(text[at + 1]) : -1;
                int low = high >= 0 ? RuleText.DigitOf(text[at + 2]) : -1;
                if (low >= 0)
                {
                    bytes.Add((byte)(high * 16 + low));
                    at += 3;
                    continue;
                }
                at += text[at] == '\\' ? 1 : 0;
                int length = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(Math.Min(at, text.Length), Math.Min(length, text.Length - at))));
                at += length;
            }
            try
            {
                return new UTF8Encoding(false, true).GetString(bytes.ToArray());
            }
            catch (ArgumentException)
            {
                throw new RuleProblem(RuleText.Shortened(text) + " holds escaped bytes that are no UTF-8");
            }
        }
    }
}
