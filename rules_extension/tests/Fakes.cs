// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Objects and agents that an extension can be called with. They refuse what the engine refuses: attributes out of the schema, single values
// of several, reading what is not there, a second connector with the same anchor.

using System;
using System.Collections;
using System.Collections.Generic;
using Microsoft.MetadirectoryServices;

namespace MimSync.SharePoint.Tests
{
    /// <summary>Values are kept as text: Base64 for binary, true and false for boolean.</summary>
    internal sealed class FakeAttrib : Attrib
    {
        private readonly string name;
        private readonly AttributeType type;
        private readonly bool multivalued;
        private readonly List<string> values = new List<string>();

        public FakeAttrib(string name, AttributeType type, bool multivalued)
        {
            this.name = name;
            this.type = type;
            this.multivalued = multivalued;
        }

        public bool Written { get; set; }

        public override string Name
        {
            get { return name; }
        }

        public override AttributeType DataType
        {
            get { return type; }
        }

        public override bool IsMultivalued
        {
            get { return multivalued; }
        }

        public override bool IsPresent
        {
            get { return values.Count > 0; }
        }

        public override string Value
        {
            get { return Single(); }
            set { SetSingle(value); }
        }

        public override string StringValue
        {
            get { return OfType(AttributeType.String, Single()); }
            set { SetSingle(OfType(AttributeType.String, value)); }
        }

        public override bool BooleanValue
        {
            get { return OfType(AttributeType.Boolean, Single()) == "true"; }
            set { SetSingle(OfType(AttributeType.Boolean, value ? "true" : "false")); }
        }

        public override byte[] BinaryValue
        {
            get { return Convert.FromBase64String(OfType(AttributeType.Binary, Single())); }
            set { SetSingle(OfType(AttributeType.Binary, Convert.ToBase64String(value))); }
        }

        public override long IntegerValue
        {
            get { return long.Parse(OfType(AttributeType.Integer, Single())); }
            set { SetSingle(OfType(AttributeType.Integer, value.ToString())); }
        }

        public override ValueCollection Values
        {
            get { return new FakeValues(this, values); }
            set { throw new NotSupportedException("Values is read only in this fake."); }
        }

        public override ReferenceValue ReferenceValue
        {
            get { return new FakeReference(OfType(AttributeType.Reference, Single())); }
            set { SetSingle(OfType(AttributeType.Reference, value.ToString())); }
        }

        public override ManagementAgent LastContributingMA
        {
            get { throw Unused.Member(); }
        }

        public override DateTime LastContributionTime
        {
            get { throw Unused.Member(); }
        }

        public IList<string> Texts
        {
            get { return values; }
        }

        public override void Delete()
        {
            values.Clear();
            Written = true;
        }

        private string Single()
        {
            if (multivalued)
            {
                throw new InvalidOperationException("Attribute \"" + name + "\" is multivalued.");
            }
            if (values.Count == 0)
            {
                throw new AttributeNotPresentException(name);
            }
            return values[0];
        }

        private void SetSingle(string value)
        {
            if (multivalued)
            {
                throw new InvalidOperationException("Attribute \"" + name + "\" is multivalued.");
            }
            if (value == null)
            {
                throw new ArgumentNullException("value");
            }
            values.Clear();
            values.Add(value);
            Written = true;
        }

        private string OfType(AttributeType wanted, string value)
        {
            if (type != wanted)
            {
                throw new InvalidOperationException("Attribute \"" + name + "\" is of type " + type + ".");
            }
            return value;
        }
    }

    /// <summary>Members that no rule under test calls say so when one does.</summary>
    internal static class Unused
    {
        public static Exception Member()
        {
            return new NotSupportedException("The rules under test have no use for this.");
        }
    }

    internal sealed class FakeValues : ValueCollection
    {
        private readonly FakeAttrib owner;
        private readonly List<string> values;

        public FakeValues(FakeAttrib owner, List<string> values)
        {
            this.owner = owner;
            this.values = values;
        }

        public override int Count
        {
            get { return values.Count; }
        }

        public override Value this[int index]
        {
            get { return new FakeValue(owner.DataType, values[index]); }
        }

        public override void Add(string value)
        {
            values.Add(value);
            owner.Written = true;
        }

        public override void Clear()
        {
            values.Clear();
            owner.Written = true;
        }

        public override bool Contains(string value)
        {
            return values.Contains(value);
        }

        public override IEnumerator GetEnumerator()
        {
            return values.ConvertAll(text => (Value)new FakeValue(owner.DataType, text)).GetEnumerator();
        }

        public override void Remove(string value)
        {
            owner.Written = values.Remove(value) || owner.Written;
        }

        public override void Add(long value)
        {
            Add(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        public override void Add(byte[] value)
        {
            Add(Convert.ToBase64String(value));
        }

        public override void Add(Value value)
        {
            throw Unused.Member();
        }

        public override void Add(ValueCollection added)
        {
            throw Unused.Member();
        }

        public override bool Contains(long value)
        {
            throw Unused.Member();
        }

        public override bool Contains(byte[] value)
        {
            throw Unused.Member();
        }

        public override bool Contains(Value value)
        {
            throw Unused.Member();
        }

        public override void Remove(long value)
        {
            throw Unused.Member();
        }

        public override void Remove(byte[] value)
        {
            throw Unused.Member();
        }

        public override void Remove(Value value)
        {
            throw Unused.Member();
        }

        public override void Set(bool value)
        {
            throw Unused.Member();
        }

        public override byte[][] ToByteArrays()
        {
            throw Unused.Member();
        }

        public override long[] ToIntegerArray()
        {
            throw Unused.Member();
        }

        public override string[] ToStringArray()
        {
            return values.ToArray();
        }
    }

    /// <summary>One value of several. The text of a binary one is hexadecimal (ms699181), so rules must not take it.</summary>
    internal sealed class FakeValue : Value
    {
        private readonly AttributeType type;
        private readonly string text;

        public FakeValue(AttributeType type, string text)
        {
            this.type = type;
            this.text = text;
        }

        public override AttributeType DataType
        {
            get { return type; }
        }

        public override byte[] ToBinary()
        {
            return Convert.FromBase64String(text);
        }

        public override bool ToBoolean()
        {
            return text == "true";
        }

        public override long ToInteger()
        {
            return long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        }

        public override string ToString()
        {
            return type == AttributeType.Binary ? BitConverter.ToString(ToBinary()) : text;
        }
    }

    internal sealed class FakeReference : ReferenceValue
    {
        private readonly string text;

        public FakeReference(string text)
        {
            this.text = text;
        }

        public override AttributeType DataType
        {
            get { return AttributeType.Reference; }
        }

        public override int Depth
        {
            get { return text.Split(',').Length; }
        }

        public override string this[int component]
        {
            get { return text.Split(',')[component]; }
        }

        public override string ToString()
        {
            return text;
        }

        public override ReferenceValue Concat(string rdn)
        {
            throw Unused.Member();
        }

        public override ReferenceValue Concat(ReferenceValue name)
        {
            throw Unused.Member();
        }

        public override ReferenceValue Parent()
        {
            throw Unused.Member();
        }

        public override ReferenceValue Parent(int levels)
        {
            throw Unused.Member();
        }

        public override ReferenceValue Subcomponents(int start, int end)
        {
            throw Unused.Member();
        }

        public override byte[] ToBinary()
        {
            throw new InvalidOperationException("A reference is not binary.");
        }

        public override bool ToBoolean()
        {
            throw new InvalidOperationException("A reference is not boolean.");
        }

        public override long ToInteger()
        {
            throw new InvalidOperationException("A reference is no number.");
        }
    }

    /// <summary>The attributes of an object: those of a schema, present or not, looked up without regard to case.</summary>
    internal sealed class AttributeSet
    {
        private readonly Dictionary<string, FakeAttrib> attributes = new Dictionary<string, FakeAttrib>(StringComparer.OrdinalIgnoreCase);

        public AttributeSet(IEnumerable<FakeAttrib> schema)
        {
            foreach (FakeAttrib attribute in schema)
            {
                attributes[attribute.Name] = attribute;
            }
        }

        public ICollection<FakeAttrib> All
        {
            get { return attributes.Values; }
        }

        public FakeAttrib Find(string name)
        {
            FakeAttrib found;
            if (!attributes.TryGetValue(name, out found))
            {
                throw new NoSuchAttributeException(name);
            }
            return found;
        }

        public AttributeNameEnumerator PresentNames()
        {
            var names = new List<string>();
            foreach (FakeAttrib attribute in attributes.Values)
            {
                if (attribute.IsPresent)
                {
                    names.Add(attribute.Name);
                }
            }
            return new FakeNames(names);
        }
    }

    internal sealed class FakeNames : AttributeNameEnumerator
    {
        private readonly List<string> names;
        private int at = -1;

        public FakeNames(List<string> names)
        {
            this.names = names;
        }

        public override string Current
        {
            get { return names[at]; }
        }

        public override bool MoveNext()
        {
            at++;
            return at < names.Count;
        }

        public override void Reset()
        {
            at = -1;
        }
    }
}
