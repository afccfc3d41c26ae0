namespace HallOps.Web.Tests.Reports.Recomputed;

/// <summary>One service of one visit, as the events say it. Milliseconds since 1970.</summary>
internal sealed class NaiveLeg(string hall, NaiveVisit visit, int number, long joined, long since)
{
    public string Hall => hall;
    public NaiveVisit Visit => visit;
    public int Number => number;
    public long Joined => joined;
    public long Since { get; set; } = since;
    public string Service { get; set; } = "";
    public string Line { get; set; } = "";
    public string? Department { get; set; }
    public (int Promised, int Statutory)? Days { get; set; }
    public long? Target { get; set; }
    public (long Low, long Median, long High)? Told { get; set; }
    public long? FirstCalled { get; set; }
    public long? Called { get; set; }
    public long? Started { get; set; }
    public bool ByTime { get; set; }
    public long? Finished { get; set; }
    public long? Ended { get; set; }
    public long? Rated { get; set; }
    public string? Window { get; set; }
    public string? Staff { get; set; }
    public string Outcome { get; set; } = "open";
    public string? Finish { get; set; }
    public int? Grade { get; set; }

    /// <summary>The wait and the walk of a visitor who was served before being held, and how long that service was.</summary>
    public (long Wait, long Walk)? BeforeHold { get; set; }
    public long ServedBeforeHolds { get; set; }

    // What waits for the window that named it, and for how many calls of its line more.
    public string? ReservedFor { get; set; }
    public int? CallsLeft { get; set; }

    /// <summary>From a file: nobody knows of it after its day.</summary>
    public bool IsImported => KnownUntil is not null;
    public long? KnownUntil { get; init; }

    public bool WasCalled => FirstCalled is not null;
    public long? Wait => BeforeHold?.Wait ?? (Started is not null ? Math.Max(0, Called!.Value - Since) : null);
    public long? Walk => BeforeHold?.Walk ?? (Started is { } started ? Math.Max(0, started - Called!.Value) : null);
    public long? ServiceTime => Finished is { } finished ? finished - Started!.Value + ServedBeforeHolds : null;

    /// <summary>Of those whose call was not answered: how long they waited at least.</summary>
    public long? AtLeast(long now) => Wait is not null ? null : Outcome switch
    {
        "open" => Math.Max(0, Math.Min(now, KnownUntil ?? now) - Since),
        "abandoned" or "withdrawn" => Math.Max(0, Ended!.Value - Since),
        "noShow" => Math.Max(0, (Called >= Since ? Called!.Value : Ended!.Value) - Since),
        _ => null,
    };
}

/// <summary>One number.</summary>
internal sealed class NaiveVisit(long ordinal, string day)
{
    public long Ordinal => ordinal;
    public string Day => day;
    public List<NaiveLeg> Legs { get; } = [];
    public string State { get; set; } = "waiting";
    public NaiveLeg Now { get; set; } = null!;
    public int ToldBefore { get; set; }

    /// <summary>The joint service it is for; null of a single one.</summary>
    public string? Matter { get; set; }
    public Stack<(string Window, string Service, string Line)> Returns { get; } = [];
    public bool IsOver => State is "finished" or "cancelled" or "expired" or "void";
    public IEnumerable<NaiveLeg> Open => Legs.Where(l => l.Outcome == "open");
}

/// <summary>A stretch in which one window did one thing.</summary>
internal sealed record NaiveStretch(string Window, string Use, string? Staff, long From, long To);
