using HallOps.Core.Halls;

namespace HallOps.Core.Search;

/// <summary>Finds a hall's services by name, by what people call them, by pinyin initials or by the English name.</summary>
public static class ServiceSearch
{
    /// <summary>The services that fit what was typed, best first: names before aliases before initials before the English name, and of each what is just that before what begins so before what contains it; else the document's order. Empty for nothing typed.</summary>
    /// <param name="typed">Blanks and case do not count.</param>
    /// <param name="most">At most so many.</param>
    public static IReadOnlyList<ServiceSettings> Find(HallSettings hall, string typed, int most)
    {
        var wanted = Plain(typed);
        if (wanted.Length == 0) return [];
        return [.. hall.Services.Select(service => (Service: service, Rank: Rank(service, wanted))).Where(found => found.Rank < int.MaxValue).OrderBy(found => found.Rank).Take(most).Select(found => found.Service)];
    }

    /// <summary>What a service is found by in initials: its name's spellings, then its aliases'. No spelling twice, none empty.</summary>
    public static IReadOnlyList<string> KeysOf(ServiceSettings service) =>
        [.. service.Alias.Prepend(service.Name.Zh).SelectMany(PinyinInitials.Of).Where(key => key.Length > 0).Distinct(StringComparer.Ordinal)];

    private static int Rank(ServiceSettings service, string wanted)
    {
        var rank = Fit(Plain(service.Name.Zh), wanted, 0);
        foreach (var alias in service.Alias) rank = Math.Min(rank, Fit(Plain(alias), wanted, 3));
        // Initials are latin only: 低 is nobody's initial.
        if (wanted.All(char.IsAsciiLetterOrDigit))
            foreach (var key in KeysOf(service)) rank = Math.Min(rank, Fit(key, wanted, 6));
        // Last: two letters of initials are in many an English name.
        return Math.Min(rank, Fit(Plain(service.Name.En ?? ""), wanted, 9));
    }

    private static int Fit(string text, string wanted, int from) =>
        text == wanted ? from : text.StartsWith(wanted, StringComparison.Ordinal) ? from + 1 : text.Contains(wanted, StringComparison.Ordinal) ? from + 2 : int.MaxValue;

    private static string Plain(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))).ToLowerInvariant();
}
