using System.Text.Json;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.WireProtocol;

namespace HallOps.Silo.Orleans;

/// <summary>Our records between Orleans' nodes: <see cref="WireJson"/> where they leave the process, and the very same object where they stay, since none of them ever changes.</summary>
internal sealed class WireCodec : IGeneralizedCodec, IGeneralizedCopier, ITypeFilter
{
    bool IGeneralizedCodec.IsSupportedType(Type type) => type == typeof(WireCodec) || WireJson.Has(type);

    bool IGeneralizedCopier.IsSupportedType(Type type) => WireJson.Has(type);

    bool? ITypeFilter.IsTypeAllowed(Type type) => type == typeof(WireCodec) || WireJson.Has(type) ? true : null;

    object? IDeepCopier.DeepCopy(object? input, CopyContext context) => input;

    void IFieldCodec.WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type expectedType, object? value)
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value)) return;
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(WireCodec), WireType.LengthPrefixed);
        var json = JsonSerializer.SerializeToUtf8Bytes<object?>(value, WireJson.Options);
        writer.WriteVarUInt32((uint)json.Length);
        writer.Write(json);
    }

    object? IFieldCodec.ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.IsReference) return ReferenceCodec.ReadReference(ref reader, field.FieldType);
        field.EnsureWireType(WireType.LengthPrefixed);
        var value = JsonSerializer.Deserialize<object>(reader.ReadBytes(reader.ReadVarUInt32()), WireJson.Options);
        ReferenceCodec.RecordObject(reader.Session, value);
        return value;
    }
}
