using System.Collections.Frozen;
using HallOps.Core.Halls;
using HallOps.Web.Problems;

namespace HallOps.Web;

/// <summary>What somebody may want of a hall. Every endpoint and every command is one of these.</summary>
public enum Act
{
    ReadPublic,
    ReadTicket,
    WatchFloor,
    Issue,
    Book,
    ChangeAppointment,
    FindAppointments,
    MarkPrinted,
    Reprint,
    SearchServices,
    HoldTicket,
    RateTicket,
    RateAtPad,
    ReturnForVisitor,
    ChangeTicket,
    WorkWindow,
    CallChosen,
    ChangeProfile,
    Suspend,
    PostNotice,
    ReadConfig,
    ChangeConfig,
    ReadCalendar,
    ChangeCalendar,
    ReadReports,
}

/// <summary>
/// Who may do what, in one table: API.md's column "who". An account needs one of the roles in the hall in question; a device has to be of a kind named
/// and of that hall; the holder's acts are open to whoever has the token, but for screens, which write nothing.
/// </summary>
public static class Rights
{
    /// <param name="Anonymous">Without signing in.</param>
    /// <param name="AnyAccount">Whoever is signed in, whatever the role and its hall.</param>
    /// <param name="AnyDevice">Every device, of other halls too.</param>
    private sealed record Rule(bool Anonymous, bool AnyAccount, bool AnyDevice, Role[] Roles, DeviceKind[] Devices);

    private static readonly FrozenDictionary<Act, Rule> Table = new Dictionary<Act, Rule>
    {
        [Act.ReadPublic] = Everybody(),
        [Act.ReadTicket] = Everybody(),
        [Act.WatchFloor] = Only([Role.Clerk, Role.Guide, Role.Manager], []),
        [Act.Issue] = new(Anonymous: true, false, false, [Role.Clerk, Role.Guide, Role.Manager], [DeviceKind.Kiosk]),
        [Act.Book] = new(Anonymous: true, false, false, [Role.Clerk, Role.Guide, Role.Manager], [DeviceKind.Kiosk]),
        [Act.ChangeAppointment] = new(Anonymous: true, false, false, [Role.Clerk, Role.Guide, Role.Manager], [DeviceKind.Kiosk]),
        [Act.FindAppointments] = Only([Role.Guide], []),
        [Act.MarkPrinted] = Only([Role.Clerk, Role.Guide], [DeviceKind.Kiosk]),
        [Act.Reprint] = Only([Role.Clerk, Role.Guide], [DeviceKind.Kiosk]),
        [Act.SearchServices] = Only([Role.Clerk, Role.Guide], [DeviceKind.Kiosk]),
        [Act.HoldTicket] = new(Anonymous: true, AnyAccount: true, false, [], [DeviceKind.Kiosk]),
        [Act.RateTicket] = new(Anonymous: true, false, false, [], []),
        [Act.RateAtPad] = Only([], [DeviceKind.Pad]),
        [Act.ReturnForVisitor] = Only([Role.Guide], []),
        [Act.ChangeTicket] = Only([Role.Guide], []),
        [Act.WorkWindow] = Only([Role.Clerk], []),
        [Act.CallChosen] = Only([Role.Manager], []),
        [Act.ChangeProfile] = Only([Role.Manager], []),
        [Act.Suspend] = Only([Role.Manager], []),
        [Act.PostNotice] = Only([Role.Manager], []),
        [Act.ReadConfig] = Only([Role.Admin], []),
        [Act.ChangeConfig] = Only([Role.Admin], []),
        [Act.ReadCalendar] = Only([Role.Manager, Role.Auditor], []),
        [Act.ChangeCalendar] = Only([Role.Manager], []),
        // Figures of members of staff are in them: a floor manager who should see them is given the role.
        [Act.ReadReports] = Only([Role.Analyst, Role.Auditor], []),
    }.ToFrozenDictionary();

    private static readonly Problem SignInNeeded = Problem.Of("SignInNeeded");
    private static readonly Problem NotAllowed = Problem.Of("NotAllowed");

    /// <summary>Null when the caller may; else the 401 of one who is not signed in, or the 403 of one who is.</summary>
    public static Problem? Against(Caller caller, HallId hall, Act act)
    {
        var rule = Table[act];
        if (caller.IsAnonymous) return rule.Anonymous ? null : SignInNeeded;
        if (caller.Ended.IsCancellationRequested) return SignInNeeded;
        if (caller.Device is { } device)
            return rule.AnyDevice || (device.Hall == hall && Array.IndexOf(rule.Devices, device.Kind) >= 0) ? null : NotAllowed;
        if (rule.AnyAccount) return null;
        foreach (var role in rule.Roles)
            if (caller.Has(role, hall)) return null;
        return NotAllowed;
    }

    /// <summary>Whether the act needs no signing in: endpoints answer it without a 401.</summary>
    public static bool IsOpenToAnonymous(Act act) => Table[act].Anonymous;

    /// <summary>What a command is, so that the door need not trust who calls it.</summary>
    public static Act ActOf(HallCommand command) => command switch
    {
        IssueTicket or CheckIn => Act.Issue,
        BookAppointment => Act.Book,
        MoveAppointment or CancelAppointment => Act.ChangeAppointment,
        MarkPrinted => Act.MarkPrinted,
        CancelTicket => Act.HoldTicket,
        ReturnTicket or StepAway => Act.HoldTicket,
        ChangeTicket or ChangeClass => Act.ChangeTicket,
        RateTicket => Act.RateTicket,
        RateAtWindow => Act.RateAtPad,
        CallTicket => Act.CallChosen,
        ChangeProfile => Act.ChangeProfile,
        WindowCommand => Act.WorkWindow,
        Suspend or Resume => Act.Suspend,
        PostNotice or WithdrawNotice => Act.PostNotice,
        ConfigureHall => Act.ChangeConfig,
        _ => throw new ArgumentException($"{command.GetType().Name} comes from nobody outside.", nameof(command)),
    };

    private static Rule Everybody() => new(true, true, true, [], []);

    private static Rule Only(Role[] roles, DeviceKind[] devices) => new(false, false, false, roles, devices);
}
