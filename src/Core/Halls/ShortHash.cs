using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace HallOps.Core.Halls;

/// <summary>
/// The hash of a short id: of its length, its first, middle and last four characters. Every command looks up a dozen ids, and the runtime's own hash of a text reads all of it with a secret key, against
/// keys chosen to collide: these are chosen by the hall's own document, and nobody else's are kept.
/// </summary>
internal static class ShortHash
{
    private const ulong Mix = 0x9E3779B97F4A7C15;

    /// <param name="id">Null: of an id that is not there.</param>
    public static int Of(string? id)
    {
        if (id is null) return 0;
        var hash = (ulong)id.Length;
        if (id.Length < 4)
        {
            foreach (var character in id) hash = hash * 31 + character;
            return Fold(hash * Mix);
        }
        var bytes = MemoryMarshal.AsBytes(id.AsSpan());
        hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Mix;
        hash = (hash ^ (hash >> 32) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[((id.Length / 2 - 2) * 2)..])) * Mix;
        return Fold((hash ^ (hash >> 32) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..])) * Mix);
    }

    private static int Fold(ulong hash) => (int)(hash >> 32);
}
