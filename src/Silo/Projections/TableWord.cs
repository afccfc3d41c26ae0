using System.Collections.Frozen;
using System.Data.Common;
using System.Text.Json;

namespace HallOps.Silo.Projections;

/// <summary>Members of closed lists as the tables have them: as the wire does.</summary>
public static class TableWord
{
    public static string? Of<T>(T? word) where T : struct, Enum => word is { } w ? Of(w) : null;

    public static string Of<T>(T word) where T : struct, Enum => Words<T>.ByValue[word];

    public static T? Read<T>(DbDataReader row, int column) where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.IsDBNull(column) ? null : Words<T>.ByWord[row.GetString(column)];
    }

    /// <summary>Null for a word that is none of them.</summary>
    public static T? Find<T>(string? word) where T : struct, Enum => word is not null && Words<T>.ByWord.TryGetValue(word, out var value) ? value : null;

    public static IEnumerable<string> All<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    private static class Words<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> ByValue = Enum.GetValues<T>().Distinct().ToFrozenDictionary(w => w, w => JsonNamingPolicy.CamelCase.ConvertName(w.ToString()));
        public static readonly FrozenDictionary<string, T> ByWord = ByValue.ToFrozenDictionary(p => p.Value, p => p.Key);
    }
}
