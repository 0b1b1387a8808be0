// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Letter case, white space, code points and numbers, the same here and in plugin_utils/engine/rules_file/letters.py.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace MimSync.SharePoint.Rules
{
    /// <summary>A value does not fit; the message completes "rule ..., object ..., attribute ...:".</summary>
    internal sealed class RuleProblem : Exception
    {
        public RuleProblem(string message, string attribute = "")
            : base(message)
        {
            Attribute = attribute;
        }

        public string Attribute { get; private set; }
    }

    internal static class RuleText
    {
        private const string Ligatures = "\u00C6\u00E6\u00D8\u00F8\u00DF\u1E9E\u00D0\u00F0\u00DE\u00FE\u0110\u0111\u0131\u0141\u0142\u0152\u0153";
        private static readonly string[] LigatureTexts = { "AE", "ae", "O", "o", "ss", "SS", "D", "d", "Th", "th", "D", "d", "i", "L", "l", "OE", "oe" };
        public const string WhiteSpace = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
        private const string WordStarts = " -'";

        public static char Capital(char character)
        {
            char up = char.ToUpperInvariant(character);
            return IsCased(character) && IsCased(up) && char.ToLowerInvariant(up) == character ? up : character;
        }

        public static char Small(char character)
        {
            char low = char.ToLowerInvariant(character);
            return IsCased(character) && IsCased(low) && char.ToUpperInvariant(low) == character ? low : character;
        }

        public static string Upper(string text)
        {
            return Each(text, Capital);
        }

        public static string Lower(string text)
        {
            return Each(text, Small);
        }

        public static string Title(string text)
        {
            bool starts = true;
            return Each(text, character =>
            {
                char changed = starts ? Capital(character) : Small(character);
                starts = WordStarts.IndexOf(character) >= 0;
                return changed;
            });
        }

        /// <summary>Latin letters without their marks; those that are no letter with a mark by two.</summary>
        public static string WithoutDiacritics(string text)
        {
            var plain = new StringBuilder(text.Length);
            foreach (char character in text)
            {
                int at = Ligatures.IndexOf(character);
                if (at >= 0)
                {
                    plain.Append(LigatureTexts[at]);
                }
                else if (character < '\u0300' || character > '\u036F')
                {
                    plain.Append(Unmarked(character));
                }
            }
            return plain.ToString();
        }

        public static string AsciiUpper(string text)
        {
            return Each(text, character => character >= 'a' && character <= 'z' ? (char)(character - 32) : character);
        }

        /// <summary>Without the characters at the start, the end, or both; characters are code points.</summary>
        public static string Trim(string text, string characters, bool start, bool end)
        {
            int[] codes = Codes(text);
            var unwanted = new HashSet<int>(Codes(characters.Length == 0 ? WhiteSpace : characters));
            int first = 0;
            int last = codes.Length;
            while (start && first < last && unwanted.Contains(codes[first]))
            {
                first++;
            }
            while (end && last > first && unwanted.Contains(codes[last - 1]))
            {
                last--;
            }
            return Text(codes, first, last);
        }

        public static int[] Codes(string text)
        {
            var codes = new List<int>(text.Length);
            for (int index = 0; index < text.Length; index++)
            {
                bool pair = index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]);
                codes.Add(pair ? char.ConvertToUtf32(text[index], text[++index]) : text[index]);
            }
            return codes.ToArray();
        }

        /// <summary>The code points from `start` to before `end`, which may lie outside.</summary>
        public static string Text(int[] codes, int start, int end)
        {
            var text = new StringBuilder();
            for (int index = Math.Max(start, 0); index < Math.Min(end, codes.Length); index++)
            {
                if (codes[index] > 0xFFFF)
                {
                    text.Append(char.ConvertFromUtf32(codes[index]));
                }
                else
                {
                    text.Append((char)codes[index]);
                }
            }
            return text.ToString();
        }

        /// <summary>In the order of code points, which is not that of UTF-16.</summary>
        public static int Compare(string left, string right)
        {
            int[] one = Codes(left);
            int[] other = Codes(right);
            for (int index = 0; index < Math.Min(one.Length, other.Length); index++)
            {
                if (one[index] != other[index])
                {
                    return one[index].CompareTo(other[index]);
                }
            }
            return one.Length.CompareTo(other.Length);
        }

        public static long Integer(string text)
        {
            string digits = text.Trim(' ', '\t');
            bool negative = digits.StartsWith("-", StringComparison.Ordinal);
            if (negative || digits.StartsWith("+", StringComparison.Ordinal))
            {
                digits = digits.Substring(1);
            }
            bool hexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
            digits = hexadecimal ? digits.Substring(2) : digits;
            if (digits.Length == 0 || digits.Length > (hexadecimal ? 16 : 19))
            {
                throw new RuleProblem(Shortened(text) + " is no whole number");
            }
            decimal number = 0;
            foreach (char digit in digits)
            {
                int value = DigitOf(digit);
                if (value < 0 || (value > 9 && !hexadecimal))
                {
                    throw new RuleProblem(Shortened(text) + " is no whole number");
                }
                number = number * (hexadecimal ? 16 : 10) + value;
            }
            return Within(negative ? -number : number);
        }

        public static long Within(decimal number)
        {
            if (number < long.MinValue || number > long.MaxValue)
            {
                throw new RuleProblem(number.ToString(CultureInfo.InvariantCulture) + " does not fit into 64 bits");
            }
            return (long)number;
        }

        public static string Number(long number)
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        public static int DigitOf(char character)
        {
            return character < 128 && Uri.IsHexDigit(character) ? Uri.FromHex(character) : -1;
        }

        public static bool Truth(string text)
        {
            if (text == "true" || text == "True" || text == "1")
            {
                return true;
            }
            if (text == "false" || text == "False" || text == "0")
            {
                return false;
            }
            throw new RuleProblem(Shortened(text) + " is neither true nor false");
        }

        public static string Flag(bool value)
        {
            return value ? "true" : "false";
        }

        public static string Shortened(string text)
        {
            return "'" + (text.Length <= 60 ? text : text.Substring(0, 60) + "...") + "'";
        }

        /// <summary>RuleProblem for a text that is too long or holds half of a character.</summary>
        public static string Checked(string text, int limit)
        {
            int length = text.Length;
            for (int index = 0; index < text.Length; index++)
            {
                if (!char.IsSurrogate(text[index]))
                {
                    continue;
                }
                if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                {
                    throw new RuleProblem("is not valid UTF-16: half of a surrogate pair stands alone");
                }
                index++;
                length--;
            }
            if (length > limit)
            {
                throw new RuleProblem("holds " + length + " characters; rules take " + limit + " at most");
            }
            return text;
        }

        // Latin, Greek, Cyrillic and Armenian letters have a case here; the tables of .NET and Python differ elsewhere.
        private static char Unmarked(char character)
        {
            if (character < '\u00C0' || (character > '\u024F' && character < '\u1E00') || character > '\u1EFF')
            {
                return character;
            }
            char letter = character.ToString().Normalize(NormalizationForm.FormD)[0];
            return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ? letter : character;
        }

        private static bool IsCased(char character)
        {
            return (character >= 0x41 && character <= 0x556) || (character >= 0x1E00 && character <= 0x1EFF);
        }

        private static string Each(string text, Func<char, char> change)
        {
            var changed = new char[text.Length];
            for (int index = 0; index < text.Length; index++)
            {
                changed[index] = change(text[index]);
            }
            return new string(changed);
        }
    }
}
