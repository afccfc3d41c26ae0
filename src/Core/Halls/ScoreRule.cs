using System.Numerics;

namespace HallOps.Core.Halls;

/// <summary>
/// Who is next (DOMAIN.md): the one formula and the one comparison. Halls use them on whole ten-thousandths of a millisecond, the simulator on the units of its scenario; a day played in virtual time
/// is called by the rule that calls the halls.
/// </summary>
internal static class ScoreRule
{
    /// <summary>weight × waited + credit, in units of the caller: the weight's times the time's. Exact: no number in it is a fraction.</summary>
    public static T Score<T>(T weight, T credit, T waited) where T : struct, IBinaryInteger<T> => weight * waited + credit;

    /// <summary>Whether one is called before another: the higher score, then the earlier key.</summary>
    public static bool IsBefore<TScore, TKey>(TScore score, TKey key, TScore otherScore, TKey otherKey)
        where TScore : struct, IBinaryInteger<TScore>
        where TKey : struct, IComparable<TKey> =>
        score > otherScore || (score == otherScore && key.CompareTo(otherKey) < 0);

    /// <summary>Whether one precedes another in plain order: by <c>since</c> plus the handicap, then by key.</summary>
    public static bool IsPlainlyBefore<TKey>(long since, TKey key, long otherSince, TKey otherKey) where TKey : struct, IComparable<TKey> =>
        since != otherSince ? since < otherSince : key.CompareTo(otherKey) < 0;
}
