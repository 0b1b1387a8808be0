// Copyright: (c) mimsync.sharepoint contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Stand-ins of Microsoft.MetadirectoryServicesEx.dll: interfaces, enumerations and exceptions.
// Written from the documentation of the namespace Microsoft.MetadirectoryServices (learn.microsoft.com, previous versions: ff771262, ff771247,
// ff771972, ff771184, ff771065, ms696516 and the pages that they lead to). Nothing here runs on a synchronization host.

using System;

namespace Microsoft.MetadirectoryServices
{
    public enum AttributeType
    {
        Undefined,
        String,
        Integer,
        Reference,
        Binary,
        Boolean,
    }

    public enum ConnectionState
    {
        Connected,
        ExplicitlyConnected,
        Disconnected,
        DisconnectedByFilter,
        ExplicitlyDisconnected,
        Placeholder,
    }

    public enum RuleType
    {
        AccountJoiner,
        ConnectorFilter,
        CSDeprovisioning,
        ExportAttributeFlow,
        ImportAttributeFlow,
        Join,
        MVDeletion,
        Projection,
        Provisioning,
        Unknown,
    }

    public enum DeprovisionAction
    {
        Disconnect,
        ExplicitDisconnect,
        Delete,
    }

    public interface IMASynchronization
    {
        void Initialize();

        void Terminate();

        bool FilterForDisconnection(CSEntry csentry);

        void MapAttributesForJoin(string FlowRuleName, CSEntry csentry, ref ValueCollection values);

        bool ResolveJoinSearch(string joinCriteriaName, CSEntry csentry, MVEntry[] rgmventry, out int imventry, ref string MVObjectType);

        bool ShouldProjectToMV(CSEntry csentry, out string MVObjectType);

        void MapAttributesForImport(string FlowRuleName, CSEntry csentry, MVEntry mventry);

        void MapAttributesForExport(string FlowRuleName, MVEntry mventry, CSEntry csentry);

        DeprovisionAction Deprovision(CSEntry csentry);
    }

    public interface IMVSynchronization
    {
        void Initialize();

        void Terminate();

        void Provision(MVEntry mventry);

        bool ShouldDeleteFromMV(CSEntry csentry, MVEntry mventry);
    }

    /// <summary>What an extension throws at the engine.</summary>
    public abstract class ExtensionException : ApplicationException
    {
        protected ExtensionException(string message, Exception inner)
            : base(message, inner)
        {
        }
    }

    public sealed class EntryPointNotImplementedException : ExtensionException
    {
        public EntryPointNotImplementedException()
            : base(null, null)
        {
        }

        public EntryPointNotImplementedException(string message, Exception inner)
            : base(message, inner)
        {
        }
    }

    public sealed class UnexpectedDataException : ExtensionException
    {
        public UnexpectedDataException(string message)
            : base(message, null)
        {
        }

        public UnexpectedDataException(string message, Exception inner)
            : base(message, inner)
        {
        }
    }

    public sealed class DeclineMappingException : ExtensionException
    {
        public DeclineMappingException()
            : base(null, null)
        {
        }

        public DeclineMappingException(string message, Exception inner)
            : base(message, inner)
        {
        }
    }

    public sealed class TerminateRunException : ExtensionException
    {
        public TerminateRunException(string message)
            : base(message, null)
        {
        }
    }

    /// <summary>What the engine throws at an extension.</summary>
    public abstract class MetadirectoryServicesException : ApplicationException
    {
        protected MetadirectoryServicesException(string message)
            : base(message)
        {
        }
    }

    public sealed class AttributeNotPresentException : MetadirectoryServicesException
    {
        public AttributeNotPresentException(string attributeName)
            : base("Attribute \"" + attributeName + "\" is not present.")
        {
            AttributeName = attributeName;
        }

        public string AttributeName { get; private set; }
    }

    public sealed class NoSuchAttributeException : MetadirectoryServicesException
    {
        public NoSuchAttributeException(string attributeName)
            : base("Attribute \"" + attributeName + "\" is not in the schema.")
        {
            AttributeName = attributeName;
        }

        public string AttributeName { get; private set; }
    }

    public sealed class AttributeNotInInclusionListException : MetadirectoryServicesException
    {
        public AttributeNotInInclusionListException(string attributeName)
            : base("Attribute \"" + attributeName + "\" is not selected on the management agent.")
        {
            AttributeName = attributeName;
        }

        public string AttributeName { get; private set; }
    }

    public sealed class AttributeNotDefinedAsSourceException : MetadirectoryServicesException
    {
        public AttributeNotDefinedAsSourceException(string attributeName)
            : base("Attribute \"" + attributeName + "\" is not a source of the flow.")
        {
            AttributeName = attributeName;
        }

        public string AttributeName { get; private set; }
    }

    public sealed class NoSuchManagementAgentException : MetadirectoryServicesException
    {
        public NoSuchManagementAgentException(string name)
            : base("There is no management agent \"" + name + "\".")
        {
            MAName = name;
        }

        public string MAName { get; private set; }
    }

    public sealed class ObjectAlreadyExistsException : MetadirectoryServicesException
    {
        public ObjectAlreadyExistsException(string dn)
            : base("An object with the distinguished name \"" + dn + "\" exists already.")
        {
        }
    }

    public sealed class NoSuchObjectTypeException : MetadirectoryServicesException
    {
        public NoSuchObjectTypeException(string objectType)
            : base("There is no object type \"" + objectType + "\".")
        {
        }
    }
}
