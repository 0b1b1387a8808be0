// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Stand-ins of Microsoft.MetadirectoryServicesEx.dll: what an extension sees of objects and agents.
// Abstract, as the real types are: the engine hands out hidden subclasses. Sources as in Interfaces.cs, and ms694627, ms699186, ff771794, ff771224.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Microsoft.MetadirectoryServices
{
    public abstract class Attrib
    {
        public abstract AttributeType DataType { get; }

        public abstract bool IsMultivalued { get; }

        public abstract bool IsPresent { get; }

        public abstract ManagementAgent LastContributingMA { get; }

        public abstract DateTime LastContributionTime { get; }

        public abstract string Name { get; }

        public abstract ReferenceValue ReferenceValue { get; set; }

        public abstract bool BooleanValue { get; set; }

        public abstract byte[] BinaryValue { get; set; }

        public abstract long IntegerValue { get; set; }

        public abstract string StringValue { get; set; }

        public abstract string Value { get; set; }

        public abstract ValueCollection Values { get; set; }

        public abstract void Delete();
    }

    public abstract class Value
    {
        public abstract AttributeType DataType { get; }

        public abstract byte[] ToBinary();

        public abstract bool ToBoolean();

        public abstract long ToInteger();
    }

    public abstract class ReferenceValue : Value
    {
        public abstract int Depth { get; }

        public abstract string this[int component] { get; }

        public abstract ReferenceValue Concat(string rdn);

        public abstract ReferenceValue Concat(ReferenceValue name);

        public abstract ReferenceValue Parent();

        public abstract ReferenceValue Parent(int levels);

        public abstract ReferenceValue Subcomponents(int start, int end);
    }

    public abstract class ValueCollection : IEnumerable
    {
        public abstract int Count { get; }

        public abstract Value this[int index] { get; }

        public abstract void Add(string value);

        public abstract void Add(long value);

        public abstract void Add(byte[] value);

        public abstract void Add(Value value);

        public abstract void Add(ValueCollection values);

        public abstract void Clear();

        public abstract bool Contains(string value);

        public abstract bool Contains(long value);

        public abstract bool Contains(byte[] value);

        public abstract bool Contains(Value value);

        public abstract IEnumerator GetEnumerator();

        public abstract void Remove(string value);

        public abstract void Remove(long value);

        public abstract void Remove(byte[] value);

        public abstract void Remove(Value value);

        public abstract void Set(bool value);

        public abstract byte[][] ToByteArrays();

        public abstract long[] ToIntegerArray();

        public abstract string[] ToStringArray();
    }

    public abstract class AttributeNameEnumerator : IEnumerator
    {
        public abstract string Current { get; }

        object IEnumerator.Current
        {
            get { return Current; }
        }

        public abstract bool MoveNext();

        public abstract void Reset();
    }

    public abstract class CSEntry : IEnumerable
    {
        public abstract DateTime ConnectionChangeTime { get; }

        public abstract RuleType ConnectionRule { get; }

        public abstract ConnectionState ConnectionState { get; }

        public abstract ReferenceValue DN { get; set; }

        public abstract ManagementAgent MA { get; }

        public abstract ValueCollection ObjectClass { get; set; }

        public abstract string ObjectType { get; }

        public abstract string RDN { get; set; }

        public abstract Attrib this[string attributeName] { get; }

        public abstract void CommitNewConnector();

        public abstract void Deprovision();

        public abstract AttributeNameEnumerator GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }

    public abstract class MVEntry : IEnumerable
    {
        public abstract ConnectedMACollection ConnectedMAs { get; }

        public abstract Guid ObjectID { get; }

        public abstract string ObjectType { get; }

        public abstract Attrib this[string attributeName] { get; }

        public abstract AttributeNameEnumerator GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }

    public abstract class ManagementAgent
    {
        public abstract string Name { get; }

        public abstract ReferenceValue CreateDN(string dn);

        public abstract ReferenceValue CreateDN(Value dn);

        public abstract ReferenceValue EscapeDNComponent(params string[] parts);

        public abstract string NormalizeString(string text);

        public abstract string[] UnescapeDNComponent(string component);
    }

    public abstract class ConnectedMA : ManagementAgent
    {
        public abstract ConnectorCollection Connectors { get; }
    }

    public abstract class ConnectedMACollection
    {
        public abstract int Count { get; }

        public abstract ConnectedMA this[string name] { get; }

        public abstract void DeprovisionAll();
    }

    public abstract class ConnectorCollection : IEnumerable
    {
        public abstract ConnectorsByDN ByDN { get; }

        public abstract ConnectorsByIndex ByIndex { get; }

        public abstract int Count { get; }

        public abstract void DeprovisionAll();

        public abstract IEnumerator GetEnumerator();

        public abstract CSEntry StartNewConnector(string objectType);

        public abstract CSEntry StartNewConnector(string objectType, string[] objectClasses);

        public abstract CSEntry StartNewConnector(string objectType, ValueCollection objectClasses);
    }

    public abstract class ConnectorsByIndex
    {
        public abstract CSEntry this[int index] { get; }
    }

    public abstract class ConnectorsByDN
    {
        public abstract CSEntry this[ReferenceValue dn] { get; }
    }

    public static class Utils
    {
        /// <summary>Set by a test before it calls the extension: the metaverse that is searched.</summary>
        public static IList<MVEntry> Metaverse = new List<MVEntry>();

        public static string ExtensionsDirectory
        {
            get { return Environment.CurrentDirectory; }
        }

        public static bool InPreviewMode
        {
            get { return false; }
        }

        /// <summary>Values are compared without regard to case, as the database's collation does.</summary>
        public static MVEntry[] FindMVEntries(string attributeName, string value)
        {
            if (attributeName == null || value == null)
            {
                throw new ArgumentNullException(attributeName == null ? "attributeName" : "value");
            }
            var found = new List<MVEntry>();
            foreach (MVEntry entry in Metaverse)
            {
                Attrib attribute = entry[attributeName];
                if (attribute.IsPresent && string.Equals(attribute.Value, value, StringComparison.OrdinalIgnoreCase))
                {
                    found.Add(entry);
                }
            }
            return found.ToArray();
        }

        /// <summary>MS-DTYP 2.4.2: revision, count, 48-bit authority big-endian, 32-bit sub-authorities little-endian.</summary>
        public static string ConvertSidToString(byte[] sid)
        {
            if (sid.Length < 8 || sid.Length != 8 + sid[1] * 4)
            {
                throw new ArgumentException("The value is not a security identifier.");
            }
            long authority = 0;
            for (int index = 2; index < 8; index++)
            {
                authority = authority * 256 + sid[index];
            }
            var text = new StringBuilder("S-" + sid[0] + "-" + authority.ToString(CultureInfo.InvariantCulture));
            for (int index = 8; index < sid.Length; index += 4)
            {
                text.Append('-').Append(sid[index] | (uint)sid[index + 1] << 8 | (uint)sid[index + 2] << 16 | (uint)sid[index + 3] << 24);
            }
            return text.ToString();
        }
    }
}
