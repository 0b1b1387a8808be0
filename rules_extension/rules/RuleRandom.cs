// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Values that nobody can foresee, for initial flows. Twin of plugin_utils/engine/rules_file/chance.py.

using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace MimSync.SharePoint.Rules
{
    internal static class RuleRandom
    {
        // 64 characters that cannot be taken for each other; three capitals, three small letters, a digit and a sign in each eight.
        private const string Signs = "AaBbCc2!DdEeFf3#GgHhJi4$KjLkMm5%NnPpQq6*RrSsTt7+UuVvWw8-XxYyZz9=";

        public static string Password(int length)
        {
            while (true)
            {
                var text = new StringBuilder(length);
                foreach (byte drawn in Drawn(length))
                {
                    text.Append(Signs[drawn & 63]);
                }
                string password = text.ToString();
                if (HasAllKinds(password))
                {
                    return password;
                }
            }
        }

        /// <summary>Version 4, in small letters.</summary>
        public static string Identifier()
        {
            byte[] drawn = Drawn(16);
            drawn[6] = (byte)((drawn[6] & 0x0F) | 0x40);
            drawn[8] = (byte)((drawn[8] & 0x3F) | 0x80);
            string digits = string.Concat(drawn.Select(item => item.ToString("x2")).ToArray());
            return digits.Insert(20, "-").Insert(16, "-").Insert(12, "-").Insert(8, "-");
        }

        private static bool HasAllKinds(string text)
        {
            return text.Any(char.IsUpper) && text.Any(char.IsLower) && text.Any(char.IsDigit) && !text.All(char.IsLetterOrDigit);
        }

        private static byte[] Drawn(int count)
        {
            var drawn = new byte[count];
            using (var source = new RNGCryptoServiceProvider())
            {
                source.GetBytes(drawn);
            }
            return drawn;
        }
    }
}
