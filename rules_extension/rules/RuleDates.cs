// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Dates as text: UTC, without a culture. Ticks are units of 100 ns since 1601. Twin of plugin_utils/engine/rules_file/dates.py.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace MimSync.SharePoint.Rules
{
    internal static class RuleDates
    {
        private const string FileTime = "filetime";
        private const long Second = 10000000;
        private const long Last = 2650467743999999999;
        private const long MostDays = 4000000;

        private static readonly string[] Tokens = { "yyyy", "MM", "dd", "HH", "mm", "ss" };
        private static readonly DateTime Epoch = new DateTime(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        public static long Now()
        {
            return (DateTime.UtcNow - Epoch).Ticks;
        }

        /// <summary>Null for a file time that means never.</summary>
        public static long? Read(string text, string form)
        {
            if (form == FileTime)
            {
                long ticks = RuleText.Integer(text);
                return ticks == 0 || ticks == long.MaxValue ? (long?)null : Within(ticks);
            }
            var found = new Dictionary<string, int> { { "yyyy", 1601 }, { "MM", 1 }, { "dd", 1 }, { "HH", 0 }, { "mm", 0 }, { "ss", 0 } };
            int at = 0;
            foreach (string part in Parts(form))
            {
                bool isToken = Array.IndexOf(Tokens, part) >= 0;
                string piece = at + part.Length <= text.Length ? text.Substring(at, part.Length) : string.Empty;
                at += part.Length;
                if (isToken ? !AllDigits(piece) : piece != part)
                {
                    throw NoDate(text, form);
                }
                if (isToken)
                {
                    found[part] = int.Parse(piece, CultureInfo.InvariantCulture);
                }
            }
            if (at != text.Length)
            {
                throw NoDate(text, form);
            }
            return Ticks(found, text, form);
        }

        public static string Write(long ticks, string form)
        {
            if (form == FileTime)
            {
                return RuleText.Number(ticks);
            }
            DateTime date = Epoch.AddTicks(ticks);
            var text = new StringBuilder();
            foreach (string part in Parts(form))
            {
                bool isToken = Array.IndexOf(Tokens, part) >= 0;
                text.Append(isToken ? Component(date, part).ToString("D" + part.Length, CultureInfo.InvariantCulture) : part);
            }
            return text.ToString();
        }

        public static long Add(long ticks, long days, long seconds)
        {
            if (days > MostDays || days < -MostDays || seconds > MostDays * 86400 || seconds < -MostDays * 86400)
            {
                throw Outside();
            }
            return Within(ticks + (decimal)(days * 86400 + seconds) * Second);
        }

        private static int Component(DateTime date, string token)
        {
            switch (token)
            {
                case "yyyy":
                    return date.Year;
                case "MM":
                    return date.Month;
                case "dd":
                    return date.Day;
                case "HH":
                    return date.Hour;
                case "mm":
                    return date.Minute;
                default:
                    return date.Second;
            }
        }

        private static long Ticks(Dictionary<string, int> found, string text, string form)
        {
            DateTime date;
            try
            {
                date = new DateTime(found["yyyy"], found["MM"], found["dd"], found["HH"], found["mm"], found["ss"], DateTimeKind.Utc);
            }
            catch (ArgumentOutOfRangeException)
            {
                throw NoDate(text, form);
            }
            return Within((date - Epoch).Ticks);
        }

        private static long Within(decimal ticks)
        {
            if (ticks < 0 || ticks > Last)
            {
                throw Outside();
            }
            return (long)ticks;
        }

        private static RuleProblem Outside()
        {
            return new RuleProblem("the date lies outside of the years 1601 to 9999");
        }

        private static RuleProblem NoDate(string text, string form)
        {
            return new RuleProblem(RuleText.Shortened(text) + " is no date of the form " + form);
        }

        private static bool AllDigits(string text)
        {
            foreach (char character in text)
            {
                if (character < '0' || character > '9')
                {
                    return false;
                }
            }
            return text.Length > 0;
        }

        // Tokens and the texts between them.
        private static IEnumerable<string> Parts(string form)
        {
            string whole = form == "iso" ? "yyyy-MM-ddTHH:mm:ssZ" : form == "generalized" ? "yyyyMMddHHmmss.0Z" : form;
            int start = 0;
            int at = 0;
            while (at < whole.Length)
            {
                string token = TokenAt(whole, at);
                if (token == null)
                {
                    at++;
                    continue;
                }
                if (at > start)
                {
                    yield return whole.Substring(start, at - start);
                }
                yield return token;
                at += token.Length;
                start = at;
            }
            if (start < whole.Length)
            {
                yield return whole.Substring(start);
            }
        }

        private static string TokenAt(string text, int at)
        {
            foreach (string token in Tokens)
            {
                if (string.CompareOrdinal(text, at, token, 0, token.Length) == 0)
                {
                    return token;
                }
            }
            return null;
        }
    }
}
