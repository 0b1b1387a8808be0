// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// What the rules extension reads out of distinguished names.

using System;
using System.Collections.Generic;
using System.Text;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint
{
    /// <summary>NetBIOS names of domains by distinguished name, as the metaverse's domain and crossref objects tell them.</summary>
    internal sealed class DomainNames
    {
        private const string DomainMark = ",DC=";
        private const string LabelStart = "DC=";

        private readonly Dictionary<string, string> known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <summary>The name of the domain that an object lies in; null when its DN names none.</summary>
        public string Of(string distinguishedName)
        {
            string domain = DomainPart(distinguishedName);
            if (domain == null)
            {
                return null;
            }
            string name;
            if (known.TryGetValue(domain, out name))
            {
                return name;
            }
            Load();
            if (!known.TryGetValue(domain, out name))
            {
                // Kept although it is a guess: a better name counts from the next load of the extension on.
                name = FirstLabel(domain);
                known[domain] = name;
            }
            return name;
        }

        // What follows the comma before the first domain label; a comma with an odd number of backslashes before it is text.
        private static string DomainPart(string distinguishedName)
        {
            int at = distinguishedName.IndexOf(DomainMark, StringComparison.OrdinalIgnoreCase);
            while (at >= 0)
            {
                int first = at;
                while (first > 0 && distinguishedName[first - 1] == '\\')
                {
                    first--;
                }
                if ((at - first) % 2 == 0)
                {
                    return distinguishedName.Substring(at + 1);
                }
                at = distinguishedName.IndexOf(DomainMark, at + 1, StringComparison.OrdinalIgnoreCase);
            }
            return null;
        }

        private static string FirstLabel(string domain)
        {
            int comma = domain.IndexOf(',');
            string label = comma < 0 ? domain : domain.Substring(0, comma);
            return label.Substring(LabelStart.Length).ToUpperInvariant();
        }

        private void Load()
        {
            foreach (MVEntry entry in Utils.FindMVEntries("type", "DomainInfo"))
            {
                if (entry.ObjectType != "domain")
                {
                    continue;
                }
                string domain = entry["distinguishedName"].Value;
                if (!known.ContainsKey(domain))
                {
                    string label = entry["dc"].Value.ToUpperInvariant();
                    known[domain] = NetBiosName(domain) ?? label;
                }
            }
        }

        private static string NetBiosName(string domain)
        {
            foreach (MVEntry entry in Utils.FindMVEntries("nCName", domain))
            {
                Attrib name = entry["nETBIOSName"];
                if (name.IsPresent && !string.IsNullOrEmpty(name.Value))
                {
                    return name.Value;
                }
            }
            return null;
        }
    }

    /// <summary>Reads the first value of a distinguished name (RFC 4514), for people to look at.</summary>
    internal static class DistinguishedName
    {
        /// <summary>The value of the first component without escapes; null for no name at all.</summary>
        public static string FirstValue(string distinguishedName)
        {
            if (string.IsNullOrEmpty(distinguishedName))
            {
                return null;
            }
            var reader = new ValueReader();
            for (int index = distinguishedName.IndexOf('=') + 1; index < distinguishedName.Length; index++)
            {
                if (!reader.Take(distinguishedName[index]))
                {
                    break;
                }
            }
            return reader.Finish();
        }

        /// <summary>Escaped bytes gather until another character comes, so that a character of several bytes is decoded as one.</summary>
        private sealed class ValueReader
        {
            private readonly StringBuilder text = new StringBuilder();
            private readonly List<byte> bytes = new List<byte>();
            private bool escaped;
            private int highDigit = -1;

            /// <summary>False at the comma that ends the component.</summary>
            public bool Take(char character)
            {
                if (highDigit >= 0)
                {
                    TakeSecondDigit(character);
                }
                else if (escaped)
                {
                    TakeEscaped(character);
                }
                else if (character == '\\')
                {
                    escaped = true;
                }
                else if (character == ',')
                {
                    return false;
                }
                else
                {
                    Append(character);
                }
                return true;
            }

            public string Finish()
            {
                Flush();
                return text.ToString().Trim();
            }

            private void TakeEscaped(char character)
            {
                escaped = false;
                int digit = DigitOf(character);
                if (digit >= 0)
                {
                    highDigit = digit;
                }
                else
                {
                    Append(character);
                }
            }

            private void TakeSecondDigit(char character)
            {
                int digit = DigitOf(character);
                bytes.Add((byte)(highDigit * 16 + Math.Max(digit, 0)));
                highDigit = -1;
                if (digit < 0)
                {
                    Append(character);
                }
            }

            private void Append(char character)
            {
                Flush();
                text.Append(character);
            }

            // Control characters that were written as bytes would break a line on a page: each becomes a space.
            private void Flush()
            {
                foreach (char character in Encoding.UTF8.GetString(bytes.ToArray()))
                {
                    text.Append(char.IsControl(character) ? ' ' : character);
                }
                bytes.Clear();
            }

            private static int DigitOf(char character)
            {
                return Uri.IsHexDigit(character) ? Uri.FromHex(character) : -1;
            }
        }
    }
}
