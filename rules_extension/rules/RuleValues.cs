// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Attribute values as texts, and back into the attribute's own type. Twin of plugin_utils/engine/rules_file/calls.py.

using System;
using System.Collections.Generic;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Rules
{
    internal static class RuleValues
    {
        public static List<string> Read(CSEntry entry, string name, int limit)
        {
            return Read(entry == null ? null : new Func<Attrib>(() => entry[name]), name, limit);
        }

        public static List<string> Read(MVEntry entry, string name, int limit)
        {
            return Read(entry == null ? null : new Func<Attrib>(() => entry[name]), name, limit);
        }

        /// <summary>All values; nothing for an attribute that is not present.</summary>
        public static List<string> Texts(Attrib attribute)
        {
            var texts = new List<string>();
            if (!attribute.IsPresent)
            {
                return texts;
            }
            if (!attribute.IsMultivalued)
            {
                texts.Add(Single(attribute));
                return texts;
            }
            foreach (Value value in attribute.Values)
            {
                texts.Add(Text(value));
            }
            return texts;
        }

        /// <summary>Gives the attribute the values in its type; nothing clears it.</summary>
        public static void Write(Func<string, Attrib> find, string name, List<string> texts)
        {
            Attrib target = Known(() => find(name), name);
            try
            {
                if (texts.Count == 0)
                {
                    target.Delete();
                }
                else if (target.IsMultivalued)
                {
                    WriteAll(target, texts);
                }
                else
                {
                    WriteSingle(target, texts);
                }
            }
            catch (RuleProblem problem)
            {
                throw new RuleProblem(problem.Message, name);
            }
        }

        private static List<string> Read(Func<Attrib> find, string name, int limit)
        {
            if (find == null)
            {
                throw new RuleProblem("belongs to an object that this rule does not see", name);
            }
            List<string> texts = Texts(Known(find, name));
            try
            {
                texts.ForEach(text => RuleText.Checked(text, limit));
            }
            catch (RuleProblem problem)
            {
                throw new RuleProblem(problem.Message, name);
            }
            return texts;
        }

        private static Attrib Known(Func<Attrib> find, string name)
        {
            try
            {
                return find();
            }
            catch (NoSuchAttributeException)
            {
                throw new RuleProblem("is not in the schema, or not selected on the agent", name);
            }
            catch (AttributeNotInInclusionListException)
            {
                throw new RuleProblem("is not in the schema, or not selected on the agent", name);
            }
            catch (AttributeNotDefinedAsSourceException)
            {
                throw new RuleProblem("is no source of the flow in the configuration", name);
            }
        }

        private static string Single(Attrib attribute)
        {
            switch (attribute.DataType)
            {
                case AttributeType.Binary:
                    return Convert.ToBase64String(attribute.BinaryValue);
                case AttributeType.Boolean:
                    return RuleText.Flag(attribute.BooleanValue);
                case AttributeType.Integer:
                    return RuleText.Number(attribute.IntegerValue);
                default:
                    return attribute.Value;
            }
        }

        // A binary value's own text is hexadecimal, unlike the attribute's.
        private static string Text(Value value)
        {
            switch (value.DataType)
            {
                case AttributeType.Binary:
                    return Convert.ToBase64String(value.ToBinary());
                case AttributeType.Boolean:
                    return RuleText.Flag(value.ToBoolean());
                case AttributeType.Integer:
                    return RuleText.Number(value.ToInteger());
                default:
                    return value.ToString();
            }
        }

        private static void WriteSingle(Attrib target, List<string> texts)
        {
            if (texts.Count > 1)
            {
                throw new RuleProblem("takes one value, and the rule has " + texts.Count);
            }
            switch (target.DataType)
            {
                case AttributeType.Binary:
                    target.BinaryValue = RuleConversions.Binary(texts[0]);
                    break;
                case AttributeType.Boolean:
                    target.BooleanValue = RuleText.Truth(texts[0]);
                    break;
                case AttributeType.Integer:
                    target.IntegerValue = RuleText.Integer(texts[0]);
                    break;
                case AttributeType.Reference:
                    throw new RuleProblem("is a reference; give it a direct flow");
                default:
                    target.Value = texts[0];
                    break;
            }
        }

        private static void WriteAll(Attrib target, List<string> texts)
        {
            switch (target.DataType)
            {
                case AttributeType.Binary:
                    List<byte[]> binaries = texts.ConvertAll(RuleConversions.Binary);
                    target.Values.Clear();
                    binaries.ForEach(item => target.Values.Add(item));
                    break;
                case AttributeType.Integer:
                    List<long> numbers = texts.ConvertAll(RuleText.Integer);
                    target.Values.Clear();
                    numbers.ForEach(item => target.Values.Add(item));
                    break;
                case AttributeType.String:
                    target.Values.Clear();
                    texts.ForEach(item => target.Values.Add(item));
                    break;
                default:
                    throw new RuleProblem("is a reference; give it a direct flow");
            }
        }
    }
}
